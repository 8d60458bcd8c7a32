//! One setting in the text of `config.toml`, pure: what the user wrote stays as it is, comments too.

use std::path::PathBuf;

use shared::decision::Policy;

use super::{Config, Router};

/// The section.
const SECTION: &str = "[router]";
/// The key.
const KEY: &str = "policy";

/// Returns the text with the policy set as `orchd up` was answered, or None where it need not change: the user's own word stays, and
/// `observe` is what holds without one.
#[must_use]
pub fn with_policy(text: &str, policy: Policy) -> Option<Edit> {
    let edited = edited(text, policy)?;
    // Text that is written in another way than ours may mean something else.
    let read = |text: &str| Config::from_parts(Some((PathBuf::new(), text)), []);
    let (before, after) = (read(text).ok(), read(&edited).ok());
    let is_right = before.zip(after).is_some_and(|(before, after)| {
        let router = Router { policy, ..before.router.clone() };
        after == Config { router, ..after.clone() } && after.http == before.http && after.local == before.local
    });
    Some(if is_right { Edit::Done(edited) } else { Edit::ByHand(format!("{SECTION} {KEY} = \"{}\"", policy.as_str())) })
}

/// What becomes of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// The new text.
    Done(String),
    /// It is written so that it cannot be changed safely: this setting is for the user to write.
    ByHand(String),
}

fn edited(text: &str, policy: Policy) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let wanted = format!("{KEY} = \"{}\"", policy.as_str());
    let Some(section) = lines.iter().position(|line| line.trim() == SECTION) else {
        let gap = if text.is_empty() || text.ends_with("\n\n") {
            ""
        } else if text.ends_with('\n') {
            "\n"
        } else {
            "\n\n"
        };
        return (policy != Policy::Observe).then(|| format!("{text}{gap}{SECTION}\n{wanted}\n"));
    };
    let end = lines[section + 1..].iter().position(|line| line.trim_start().starts_with('['));
    let inside = section + 1..end.map_or(lines.len(), |end| section + 1 + end);
    let is_set =
        |line: &str| line.trim_start().strip_prefix(KEY).is_some_and(|rest| rest.trim_start().starts_with('='));
    if let Some(at) = inside.clone().find(|at| is_set(lines[*at])) {
        // What an earlier `up` wrote is taken back; anything else is the user's.
        let ours = lines[at].trim() == format!("{KEY} = \"{}\"", Policy::Advise.as_str());
        return (policy == Policy::Observe && ours).then(|| replaced(&lines, at, &format!("# {wanted}")));
    }
    if policy == Policy::Observe {
        return None;
    }
    let is_usual = |line: &str| line.trim() == format!("# {KEY} = \"{}\"", Policy::Observe.as_str());
    Some(match inside.clone().find(|at| is_usual(lines[*at])) {
        Some(at) => replaced(&lines, at, &wanted),
        None => replaced(&lines, section, &format!("{SECTION}\n{wanted}")),
    })
}

fn replaced(lines: &[&str], at: usize, line: &str) -> String {
    let mut all: Vec<&str> = lines.to_vec();
    all[at] = line;
    all.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::DEFAULT_FILE;
    use super::*;

    fn done(text: &str, policy: Policy) -> Option<String> {
        match with_policy(text, policy) {
            Some(Edit::Done(text)) => Some(text),
            None => None,
            Some(Edit::ByHand(line)) => panic!("{text}: {line}"),
        }
    }

    fn policy(text: &str) -> Policy {
        Config::from_parts(Some(("/c".into(), text)), []).expect("valid").router.policy
    }

    #[test]
    fn advise_comes_and_goes_and_the_rest_stays() {
        let advised = done(DEFAULT_FILE, Policy::Advise).expect("changed");
        assert_eq!((policy(DEFAULT_FILE), policy(&advised)), (Policy::Observe, Policy::Advise));
        assert_eq!(done(&advised, Policy::Advise), None);
        assert_eq!(done(&advised, Policy::Observe).as_deref(), Some(DEFAULT_FILE));
        for text in ["", "[http]\nport = 1\n", "[router]", "[router]\nmin_confidence = 0.7\n[log]\n", "# mine"] {
            let advised = done(text, Policy::Advise).expect("changed");
            assert_eq!(policy(&advised), Policy::Advise, "{text}");
            assert!(text.lines().all(|line| advised.contains(line)), "{advised}");
            assert_eq!(done(text, Policy::Observe), None);
        }
    }

    #[test]
    fn the_users_own_word_stays() {
        for text in [
            "[router]\npolicy = \"downshift\"\n",
            "[router]\n  policy=\"observe\"\n",
            "[router]\npolicy = \"advise\" # mine\n",
        ] {
            assert_eq!(done(text, Policy::Advise), None, "{text}");
            assert_eq!(done(text, Policy::Observe), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_otherwise_is_left_to_the_user() {
        for text in [
            "[router] # mine\nmin_confidence = 0.7\n",
            "[ router ]\nmin_confidence = 0.7\n",
            "router.min_confidence = 0.7\n",
            "[router\n",
        ] {
            assert!(matches!(with_policy(text, Policy::Advise), Some(Edit::ByHand(_))), "{text}");
        }
        let listed = "[router]\nrules = [\n  { route = \"local\", agent = \"a\" },\n]\npolicy = \"observe\"\n";
        assert_eq!(with_policy(listed, Policy::Advise), None);
    }
}
