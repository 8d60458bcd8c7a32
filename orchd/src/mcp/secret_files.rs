//! Files that hold secrets by their names. They are never handed over, whatever stands in them and wherever the model is: what a
//! local model repeats of them would go on to the cloud. Pure.

use std::path::Path;

/// Folders that hold keys and tokens.
const FOLDERS: [&str; 6] = [".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker"];
/// Whole names.
const NAMES: [&str; 11] = [
    ".netrc",
    "_netrc",
    ".npmrc",
    ".pypirc",
    ".pgpass",
    ".envrc",
    ".git-credentials",
    ".htpasswd",
    ".dockercfg",
    ".vault-token",
    "credentials",
];
/// Beginnings of names; a public key ends in `.pub`.
const KEYS: [&str; 4] = ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"];
/// Ends of names.
const EXTENSIONS: [&str; 9] = ["pem", "key", "p8", "p12", "pfx", "jks", "keystore", "kdbx", "ppk"];
/// What stands behind `.env.` where only names of variables are meant to be.
const HARMLESS_ENVS: [&str; 4] = ["example", "sample", "template", "dist"];

/// Whether a file holds secrets by its name or the folder it is in.
pub(super) fn is_secret(path: &Path) -> bool {
    let small = |part: &std::ffi::OsStr| part.to_string_lossy().to_ascii_lowercase();
    let mut folders = path.parent().into_iter().flat_map(Path::components);
    folders.any(|part| FOLDERS.contains(&small(part.as_os_str()).as_str()))
        || path.file_name().map(small).is_some_and(|name| of_name(&name))
}

fn of_name(name: &str) -> bool {
    if NAMES.contains(&name) || name == ".env" {
        return true;
    }
    if let Some(of) = name.strip_prefix(".env.") {
        return !HARMLESS_ENVS.contains(&of);
    }
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_key =
        KEYS.iter().any(|key| name.strip_prefix(key).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)));
    EXTENSIONS.contains(&extension) || is_key && extension != "pub"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_hold_secrets() {
        for (path, expected) in [
            ("/p/.env", true),
            ("/p/.ENV", true),
            ("/p/.env.production", true),
            ("/p/.env.example", false),
            ("/p/env.rs", false),
            ("/p/id_rsa", true),
            ("/p/id_rsa.bak", true),
            ("/p/id_rsa.pub", false),
            ("/p/id_rsafe.rs", false),
            ("/p/tls/server.key", true),
            ("/p/tls/server.PEM", true),
            ("/p/.ssh/config", true),
            ("/p/.aws/anything", true),
            ("/p/.npmrc", true),
            ("/p/keys.rs", false),
            ("/p/key", false),
            ("/p/README.md", false),
        ] {
            assert_eq!(is_secret(Path::new(path)), expected, "{path}");
        }
    }
}
