//! Whether a transcript is of a project that is not recorded. Its folder decides, wherever the shell went since.

use std::io::Read;

use super::files::{project_dir, project_name};
use crate::config::{ProjectRule, Recording, recording_of};
use crate::transcript::{Line, Lines, parse};

/// Bytes of a transcript in which its project's folder is looked for; the first requests name it.
const HEAD: u64 = 1 << 20;

/// Whether nothing is recorded of a transcript in the folder named `project`. Names are not unique, `-a-b` is `/a/b` and `/a-b`: where
/// one may stand for an excluded folder or one below it, the folder that the transcript itself names decides, and without it
/// nothing is recorded.
pub(super) fn is_excluded(rules: &[ProjectRule], project: &str, transcript: impl Read) -> std::io::Result<bool> {
    if !rules.iter().any(|rule| rule.record == Recording::Off && may_be_in(rule, project)) {
        return Ok(false);
    }
    let mut home = None;
    Lines::new(transcript.take(HEAD)).for_each(|line, _| {
        if home.is_none()
            && let Line::Request(request) = parse(line)
        {
            let dir = request.cwd.map(|cwd| project_dir(project, &cwd));
            home = dir.filter(|dir| project_name(dir).eq(project.chars()));
        }
    })?;
    Ok(home.is_none_or(|home| recording_of(rules, &home) == Recording::Off))
}

/// Whether the name may stand for the rule's folder, or for one below it.
fn may_be_in(rule: &ProjectRule, project: &str) -> bool {
    let dir = rule.dir.to_string_lossy();
    let name: String = project_name(dir.trim_end_matches(std::path::is_separator)).collect();
    project.strip_prefix(&name).is_some_and(|below| below.is_empty() || below.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_is_of_the_project_that_its_folder_names() {
        let rule = |dir: &str, record| ProjectRule { dir: dir.into(), record };
        let rules = [
            rule("/w/secret/", Recording::Off),
            rule("/w/secret/open", Recording::Full),
            rule("/w/text", Recording::Metadata),
        ];
        for (project, folders, excluded) in [
            ("-w-secret", &["/w/secret"][..], true),
            ("-w-secret", &["/w/secret/src", "/tmp"], true),
            ("-w-secret", &["/tmp", "/w/secret"], true),
            ("-w-secret", &["/tmp"], true),
            ("-w-secret", &[], true),
            ("-w-secret-below", &["/tmp"], true),
            ("-w-secret-below", &["/w/secret/below"], true),
            ("-w-secret-tools", &["/tmp", "/w/secret-tools/src"], false),
            ("-w-secret-open", &["/w/secret/open", "/w/secret"], false),
            ("-w-secrets", &["/tmp"], false),
            ("-w-text", &["/w/text"], false),
            ("-w", &["/w", "/w/secret"], false),
        ] {
            let line = |dir: &&str| {
                let message =
                    serde_json::json!({ "id": "m", "model": "claude-opus-5-5", "usage": { "output_tokens": 1 } });
                serde_json::json!({ "type": "assistant", "sessionId": "s", "timestamp": "2026-11-22T16:58:09.948Z",
                    "cwd": dir, "message": message })
                .to_string()
                    + "\n"
            };
            let text: String = folders.iter().map(line).collect();
            assert_eq!(is_excluded(&rules, project, text.as_bytes()).expect("read"), excluded, "{project} {folders:?}");
        }
        assert!(is_excluded(&[rule("/", Recording::Off)], "-w", &b""[..]).expect("read"));
        assert!(!is_excluded(&[], "-w", &b""[..]).expect("read"));
    }
}
