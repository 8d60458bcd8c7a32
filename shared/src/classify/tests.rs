//! Properties of the whole, and golden vectors.

use proptest::prelude::*;

use super::features::{PREFIX_CHARS, pair_hash, prefix, strength};
use super::*;

fn probabilities(said: &Classification) -> Vec<f64> {
    [said.as_good, said.local_solves, said.small, said.not_large]
        .iter()
        .map(|chance| chance.probability)
        .chain(said.task_type.probabilities)
        .chain(said.agent.probabilities)
        .chain([said.task_type.confidence, said.agent.confidence])
        .collect()
}

fn sane(text: &str) {
    let said = classify(text);
    assert_eq!(said, classify(text));
    assert!(probabilities(&said).iter().all(|p| (0.0..=1.0).contains(p)), "{said:?}");
    for sum in [said.task_type.probabilities.iter().sum::<f64>(), said.agent.probabilities.iter().sum()] {
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    }
}

proptest! {
    #[test]
    fn any_text_gets_the_same_probabilities_twice(text in any::<String>()) {
        sane(&text);
    }

    #[test]
    fn long_texts_too(text in "(\\PC|[a-z ]{40}|\n){0,200}") {
        sane(&text);
    }

    #[test]
    fn what_lies_behind_the_prefix_changes_nothing(head in "\\PC{1500}", tail in any::<String>()) {
        prop_assert_eq!(head.chars().count(), PREFIX_CHARS);
        prop_assert_eq!(classify(&head), classify(&format!("{head}{tail}")));
    }

    #[test]
    fn the_prefix_is_cut_between_characters(text in any::<String>()) {
        let long = text.repeat(1 + 3_000 / text.len().max(1));
        let part = prefix(&long);
        prop_assert!(long.starts_with(part));
        prop_assert!(part.chars().count() == PREFIX_CHARS.min(long.chars().count()));
    }
}

#[test]
fn texts_of_every_kind() {
    for text in [
        "",
        " ",
        "\n\n\n",
        "?",
        "\0",
        "\u{fe0f}",
        "İİİ",
        "修复登录页面的错误",
        "fn main() {}",
        "<task-notification>",
        "/compact",
    ] {
        sane(text);
    }
    sane(&"a".repeat(1 << 20));
    sane(&"\u{1f600}".repeat(100_000));
    sane(&"İ".repeat(2_000));
}

#[test]
fn words_and_pairs_stand_in_the_order_of_the_text() {
    let features = Features::of("Fix the BUG in foo_bar2 (see #12)");
    // Eleven tokens, each with a pair: fix the bug in foo_bar 2 ( see # 12 ).
    assert_eq!(features.grams().len(), 11 + 11);
    let hash = |word: &str| murmur::murmur3(word.as_bytes());
    let pair = |before: &str, word: &str| pair_hash(hash(before), hash(word));
    for (place, gram) in [
        (0, hash("fix")),
        (1, pair("^", "fix")),
        (2, hash("the")),
        (3, pair("fix", "the")),
        (11, pair("foo_bar", "2")),
        (21, pair("12", ")")),
    ] {
        assert_eq!(features.grams()[place], gram, "{place}");
    }
    assert!(Features::of("").grams().is_empty());
    // Two of each character, and this one becomes two in lower case.
    assert_eq!(Features::of(&"\u{130}".repeat(2_000)).grams().len(), 6_000);
}

#[test]
fn a_word_that_comes_four_times_speaks_twice_as_loud() {
    assert_eq!([0, 1, 2, 4, u8::MAX].map(strength), [0, 64, 91, 128, 1_022]);
    assert_eq!(Features::of("").length().to_bits(), 64.0_f64.to_bits());
    assert_eq!(Features::of("a b").length().to_bits(), 128.0_f64.to_bits());
}

/// Texts whose answers are held to the bit.
const GOLDEN: [&str; 7] = [
    "",
    "fix typo in readme",
    "Add OAuth2 login to the API and migrate the users table",
    "What is 17 * 23?\nA. 391\nB. 381\nAnswer:",
    "Our GraphQL endpoint is slow under load. Profile it, then explain `src/api/query.rs`!",
    "\u{4fee}\u{590d}\u{767b}\u{5f55} \u{130}STANBUL \u{1f600}",
    "```rust\nfn main() { println!(\"{}\", 1 + 2); }\n```\n- why does `main` compile?\n- see https://example.com/a/b",
];

/// The checksums of the features: the hash of every word and pair, and the bits of every count.
#[test]
fn golden_vectors_of_features() {
    let found = GOLDEN.map(|text| {
        let features = Features::of(text);
        let grams = features.grams().iter().flat_map(|gram| gram.to_le_bytes());
        let dense = features.dense.iter().flat_map(|value| value.to_bits().to_le_bytes());
        crc32fast::hash(&grams.chain(dense).collect::<Vec<_>>())
    });
    assert_eq!(
        found,
        [0xc41b_2e8b, 0xf42e_41ad, 0x7279_35c2, 0x9dc2_c2c4, 0x3cd4_0618, 0x1021_3b20, 0xbd23_cbd3],
        "{found:#x?}"
    );
}

/// The bits of what the embedded weights say; new weights come with new ones.
#[test]
fn golden_vectors_of_answers() {
    let found = GOLDEN.map(|text| {
        let said = classify(text);
        let bits = probabilities(&said).into_iter().flat_map(|probability| probability.to_bits().to_le_bytes());
        crc32fast::hash(&bits.collect::<Vec<_>>())
    });
    assert_eq!(
        found,
        [0x924f_96d4, 0x0b12_fc11, 0xbb8e_caa5, 0x63cb_855b, 0x0c1b_e2b5, 0xc97a_2bec, 0x9ca1_4c7f],
        "{found:#x?}"
    );
}

#[test]
fn reasons_name_words_and_counts_of_the_text() {
    let text = "Fix a security vulnerability in the login";
    let agent = classify(text).agent;
    assert_eq!(agent.value, Agent::Security);
    let reasons = explain(text, &Weights::embedded(), Head::Agent, agent.value as usize, 5);
    assert_eq!(reasons.len(), 5);
    assert!(reasons.windows(2).all(|two| two[0].moved.abs() >= two[1].moved.abs()), "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason.feature.contains("security") && reason.moved > 0.0), "{reasons:?}");
    assert!(explain("", &Weights::embedded(), Head::AsGood, 99, 5).len() <= 5);
}

/// What moved the answer adds up to it.
#[test]
fn reasons_account_for_the_whole_answer() {
    let weights = Weights::embedded();
    let sum = |text: &str| -> f64 {
        explain(text, &weights, Head::AsGood, 0, usize::MAX).iter().map(|reason| reason.moved).sum()
    };
    let (one, other) = (GOLDEN[2], GOLDEN[3]);
    let apart = classify(one).as_good.logit - classify(other).as_good.logit;
    assert!((sum(one) - sum(other) - apart).abs() < 1e-6, "{apart}");
}
