"""Writes a llama model of 100 KB with random weights: byte vocabulary, ChatML or DeepSeek R1's template. No downloads.

    python make_tiny_gguf.py FILE [chatml|r1]
"""

import sys

import gguf
import numpy as np

WIDTH, FEED_FORWARD, HEADS, CONTEXT = 32, 64, 2, 4096

CHATML = (
    "{% for m in messages %}<|im_start|>{{m.role}}\n{{m.content}}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# The shape that llama.cpp's parser recognises: it renders reasoning_content, and enable_thinking switches the open tag.
R1 = (
    "{% for m in messages %}<|im_start|>{{m.role}}\n"
    "{% if m.role == 'assistant' and m.reasoning_content %}<think>\n{{m.reasoning_content}}\n</think>\n\n{% endif %}"
    "{{m.content}}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% else %}<think>\n{% endif %}"
    "{% endif %}"
)


def vocabulary():
    kind = gguf.TokenType
    tokens = [("<unk>", kind.UNKNOWN, 0.0), ("<s>", kind.CONTROL, 0.0), ("</s>", kind.CONTROL, 0.0)]
    tokens += [(f"<0x{byte:02X}>", kind.BYTE, 0.0) for byte in range(256)]
    tokens += [(name, kind.CONTROL, 0.0) for name in ("<|im_start|>", "<|im_end|>")]
    tokens += [(name, kind.USER_DEFINED, 0.0) for name in ("<think>", "</think>")]
    return tokens + [("\u2581", kind.NORMAL, -1.0)]


def tensors(size):
    random = np.random.default_rng(7)

    def drawn(*shape):
        return (random.standard_normal(shape) * 0.05).astype(np.float32)

    ones = np.ones(WIDTH, np.float32)
    yield "token_embd.weight", drawn(size, WIDTH)
    yield "output_norm.weight", ones
    yield "output.weight", drawn(size, WIDTH)
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        yield f"blk.0.{name}.weight", drawn(WIDTH, WIDTH)
    for name, shape in (("ffn_gate", (FEED_FORWARD, WIDTH)), ("ffn_up", (FEED_FORWARD, WIDTH)), ("ffn_down", (WIDTH, FEED_FORWARD))):
        yield f"blk.0.{name}.weight", drawn(*shape)
    yield "blk.0.attn_norm.weight", ones
    yield "blk.0.ffn_norm.weight", ones


def write(path, template):
    tokens = vocabulary()
    names = [name for name, _, _ in tokens]
    out = gguf.GGUFWriter(path, "llama")
    out.add_name("tiny-random")
    out.add_context_length(CONTEXT)
    out.add_embedding_length(WIDTH)
    out.add_block_count(1)
    out.add_feed_forward_length(FEED_FORWARD)
    out.add_head_count(HEADS)
    out.add_head_count_kv(HEADS)
    out.add_layer_norm_rms_eps(1e-5)
    out.add_rope_dimension_count(WIDTH // HEADS)
    out.add_vocab_size(len(tokens))
    out.add_file_type(gguf.LlamaFileType.ALL_F32)
    out.add_tokenizer_model("llama")
    out.add_token_list(names)
    out.add_token_scores([score for _, _, score in tokens])
    out.add_token_types([int(kind) for _, kind, _ in tokens])
    out.add_bos_token_id(1)
    out.add_eos_token_id(names.index("<|im_end|>"))
    out.add_unk_token_id(0)
    out.add_add_bos_token(True)
    out.add_chat_template(R1 if template == "r1" else CHATML)
    for name, values in tensors(len(tokens)):
        out.add_tensor(name, values)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "chatml")
