//! The folders whose files may be handed over: the project that the client works in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use percent_encoding::percent_decode_str;
use rmcp::RoleServer;
use rmcp::model::ProtocolVersion;
use rmcp::service::RequestContext;

/// Claude Code sets it for the servers it starts.
const PROJECT_VARIABLE: &str = "CLAUDE_PROJECT_DIR";
/// Longest a client may take to name its roots.
const ROOTS_WITHIN: Duration = Duration::from_secs(5);

/// Folders without links in their paths, the project's own first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Roots(Vec<PathBuf>);

impl Roots {
    /// Returns those of the folders that are there. The root of a file system is nobody's project.
    pub(super) fn of(folders: impl IntoIterator<Item = PathBuf>) -> Self {
        let real =
            folders.into_iter().filter(|folder| folder.is_absolute()).filter_map(|folder| folder.canonicalize().ok());
        Self(real.filter(|folder| folder.is_dir() && folder.parent().is_some()).collect())
    }

    /// Returns the folder that relative paths start from.
    pub(super) fn first(&self) -> Option<&Path> {
        self.0.first().map(PathBuf::as_path)
    }

    /// Returns the path below its root; None for a path that lies in none. The path is one without links.
    pub(super) fn below<'p>(&self, real: &'p Path) -> Option<&'p Path> {
        self.0.iter().find_map(|root| real.strip_prefix(root).ok())
    }
}

/// Returns the roots of a call: the client's own variable, else what it answers when it is asked, else the folder it started us in.
pub(super) async fn roots_of(context: &RequestContext<RoleServer>) -> Roots {
    if let Some(project) = std::env::var_os(PROJECT_VARIABLE).filter(|dir| !dir.is_empty()) {
        return Roots::of([project.into()]);
    }
    match asked(context).await {
        Some(folders) => Roots::of(folders),
        None => Roots::of(std::env::current_dir()),
    }
}

/// Asks the client, where it says that it has roots and its version of the protocol lets a server ask.
#[expect(deprecated, reason = "the versions of the protocol that clients speak have it")]
async fn asked(context: &RequestContext<RoleServer>) -> Option<Vec<PathBuf>> {
    context.client_capabilities()?.roots?;
    if context.protocol_version().is_none_or(|version| version >= ProtocolVersion::V_2026_07_28) {
        return None;
    }
    let answer = tokio::time::timeout(ROOTS_WITHIN, context.peer.list_roots()).await.ok()?.ok()?;
    Some(answer.roots.iter().filter_map(|root| folder_of(&root.uri)).collect())
}

/// Returns the folder of a `file:` address of this machine.
fn folder_of(uri: &str) -> Option<PathBuf> {
    let path = uri.strip_prefix("file://")?;
    let path = path.strip_prefix("localhost").unwrap_or(path);
    let path = percent_decode_str(path).decode_utf8().ok()?;
    // Windows has `file:///C:/folder`.
    let path = if cfg!(windows) { path.trim_start_matches('/') } else { &*path };
    Some(PathBuf::from(path)).filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn addresses_of_folders() {
        for (uri, expected) in [
            ("file:///home/dev/project", Some("/home/dev/project")),
            ("file:///home/dev/my%20project", Some("/home/dev/my project")),
            ("file://localhost/home/dev", Some("/home/dev")),
            ("file://elsewhere/home/dev", None),
            ("https://example.org/", None),
            ("/home/dev", None),
        ] {
            assert_eq!(folder_of(uri), expected.map(PathBuf::from), "{uri}");
        }
    }

    #[test]
    fn only_folders_that_are_there_count_and_no_whole_disk() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let real = folder.path().canonicalize().expect("it is there");
        let file = folder.path().join("file");
        std::fs::write(&file, "").expect("writes");
        let roots =
            Roots::of([PathBuf::from("/"), file, "relative".into(), "/no/such/folder".into(), folder.path().into()]);
        assert_eq!(roots, Roots(vec![real.clone()]));
        assert_eq!(roots.below(&real.join("src/a.rs")), Some(Path::new("src/a.rs")));
        assert_eq!(roots.below(Path::new("/etc/passwd")), None);
    }
}
