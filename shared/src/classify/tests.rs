//! Properties of the whole, and golden vectors.

use proptest::prelude::*;

use super::features::{BUCKETS, PREFIX_CHARS, prefix};
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
fn golden_features() {
    let features = Features::of("Fix the BUG in foo_bar2 (see #12)");
    let buckets: Vec<_> = features.buckets().collect();
    // Eleven tokens, each with a pair: fix the bug in foo_bar 2 ( see # 12 ).
    assert_eq!(buckets.iter().map(|(_, count)| i32::from(*count).abs()).sum::<i32>(), 11 + 11);
    let fix = murmur::murmur3(b"fix");
    let pair = murmur::murmur3(b"foo_bar 2");
    for hash in [fix, pair] {
        let sign = if hash >> 31 == 0 { 1 } else { -1 };
        assert!(buckets.contains(&(hash as usize % BUCKETS, sign)), "{buckets:?}");
    }
    assert!(Features::of("").buckets().next().is_none());
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

/// The checksums of the features: every count of a bucket, and the bits of every other count.
#[test]
fn golden_vectors_of_features() {
    let found = GOLDEN.map(|text| {
        let features = Features::of(text);
        let counts = features.buckets().flat_map(|(bucket, count)| format!("{bucket}:{count} ").into_bytes());
        let dense = features.dense.iter().flat_map(|value| value.to_bits().to_le_bytes());
        crc32fast::hash(&counts.chain(dense).collect::<Vec<_>>())
    });
    assert_eq!(
        found,
        [0xc41b_2e8b, 0x3ab3_6e3f, 0x28fe_70c3, 0x95e2_47b4, 0xe18d_5566, 0x868b_28c2, 0x6aaf_6d9c],
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
        [0x5503_a30e, 0xcb92_f613, 0xe99e_2ca4, 0x0105_02ce, 0x9e9c_4ce9, 0xb9ae_4dbe, 0xfd9e_f99c],
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
