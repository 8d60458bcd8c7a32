//! Files that hold secrets by their names. They are never handed over, whatever stands in them and wherever the model is: what a
//! local model repeats of them would go on to the cloud. Pure.

use std::path::Path;

/// Folders that hold keys and tokens.
const FOLDERS: [&str; 6] = [".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker"];
/// Whole names.
const NAMES: [&str; 26] = [
    ".netrc",
    "_netrc",
    ".npmrc",
    ".yarnrc.yml",
    ".pypirc",
    ".pgpass",
    ".my.cnf",
    ".envrc",
    ".git-credentials",
    ".htpasswd",
    ".dockercfg",
    ".vault-token",
    ".terraformrc",
    ".boto",
    ".s3cfg",
    "credentials",
    "kubeconfig",
    // Clients' own files: their servers' keys stand in them.
    ".claude.json",
    ".mcp.json",
    ".credentials.json",
    "auth.json",
    // What was typed: passwords among it.
    ".bash_history",
    ".zsh_history",
    ".sh_history",
    ".psql_history",
    ".mysql_history",
];
/// Names somewhere in a folder: addresses with tokens in them, those of submodules too.
const NAMES_IN: [(&str, &str); 3] = [(".git", "config"), (".git", "config.worktree"), (".cargo", "credentials.toml")];
/// Beginnings of names, which say it whatever follows; behind one stands no letter or digit.
const KEYS: [&str; 4] = ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"];
/// Words for secrets, where settings are kept under them.
const KEEPERS: [&str; 6] = ["secret", "secrets", "credential", "credentials", "service-account", "service_account"];
/// Ends of names in which such settings are kept.
const KEPT_AS: [&str; 7] = ["yaml", "yml", "json", "toml", "ini", "properties", "txt"];
/// Ends of names.
const EXTENSIONS: [&str; 12] =
    ["pem", "key", "p8", "p12", "pfx", "jks", "keystore", "kdbx", "ppk", "tfstate", "tfvars", "kubeconfig"];
/// Ends of names of an older state of the file.
const BACKUPS: [&str; 7] = [".un~", "~", ".bak", ".backup", ".old", ".orig", ".save"];
/// What stands in a name where only names of variables are meant to be.
const HARMLESS: [&str; 5] = ["example", "sample", "template", "dist", "tpl"];

/// Whether a file holds secrets by its name or the folder it is in.
pub(super) fn is_secret(path: &Path) -> bool {
    let small = |part: &std::ffi::OsStr| part.to_string_lossy().to_ascii_lowercase();
    let folders: Vec<_> =
        path.parent().into_iter().flat_map(Path::components).map(|part| small(part.as_os_str())).collect();
    let is_in = |folder: &str| folders.iter().any(|above| above == folder);
    folders.iter().any(|folder| FOLDERS.contains(&folder.as_str()))
        || path.file_name().map(small).is_some_and(|name| {
            let bare = without_backup(&name);
            // An editor's copy begins with a dot of its own.
            let is_or_was = |of: &dyn Fn(&str) -> bool| of(bare) || bare.strip_prefix('.').is_some_and(of);
            is_or_was(&of_name)
                || NAMES_IN.iter().any(|(folder, file)| is_in(folder) && is_or_was(&|name| name == *file))
        })
}

fn of_name(name: &str) -> bool {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let is_key =
        KEYS.iter().any(|key| name.strip_prefix(key).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)));
    // `.env`, `.env.local`, `prod.env`; in `.env.production.example` nothing but names of variables is meant to be.
    if extension == "env" || name.starts_with(".env.") {
        return !name.split('.').any(|part| HARMLESS.contains(&part));
    }
    NAMES.contains(&name)
        || EXTENSIONS.contains(&extension)
        || KEPT_AS.contains(&extension) && (is_keeper(stem) || stem.ends_with(".tfvars"))
        || is_key && extension != "pub"
}

/// Whether settings of this name are secrets: `secrets`, `service-account-prod`, `prod.secrets`.
fn is_keeper(stem: &str) -> bool {
    let is_part = |rest: &str| rest.is_empty() || rest.starts_with(['-', '_', '.']);
    KEEPERS.iter().any(|word| {
        stem.strip_prefix(word).is_some_and(is_part)
            || stem.strip_suffix(word).is_some_and(|before| before.ends_with(['-', '_', '.']))
    }) && !stem.split(['-', '_', '.']).any(|part| HARMLESS.contains(&part))
}

/// Returns the name of the file that this is an older state or an editor's copy of.
fn without_backup(name: &str) -> &str {
    let mut bare = name;
    while let Some(shorter) = shorter(bare).filter(|shorter| !shorter.is_empty()) {
        bare = shorter;
    }
    bare
}

fn shorter(name: &str) -> Option<&str> {
    // Vim's `.swp`, and `.swo`, `.swn` and on where there is one already.
    let swap = || name.rsplit_once('.').filter(|(_, end)| matches!(end.as_bytes(), [b's', b'w', b'a'..=b'z']));
    // Emacs' `#name#`, and `.#name` while it is open.
    let autosave = || name.strip_prefix('#')?.strip_suffix('#');
    BACKUPS
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .or_else(|| swap().map(|(before, _)| before))
        .or_else(autosave)
        .or_else(|| name.strip_prefix(".#"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &[(&str, bool)]) {
        for (path, expected) in names {
            assert_eq!(is_secret(Path::new(path)), *expected, "{path}");
        }
    }

    #[test]
    fn names_that_hold_secrets() {
        check(&[
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
            ("/p/prod.env", true),
            ("/p/.env~", true),
            ("/p/.env.bak", true),
            ("/p/.env.production.example", false),
            ("/p/.env.sample", false),
            ("/p/.env.template", false),
            ("/p/.env.example~", false),
            ("/p/example.env", false),
            ("/p/environment.rs", false),
            ("/p/credentials.json", true),
            ("/p/Credentials.JSON", true),
            ("/p/credentials.rs", false),
            ("/p/aws-credentials.ini", true),
            ("/p/service-account.json", true),
            ("/p/service-account-prod.json", true),
            ("/p/my_service_account.json", true),
            ("/p/secrets.yaml", true),
            ("/p/secrets.yml", true),
            ("/p/secrets.json", true),
            ("/p/secrets.toml", true),
            ("/p/prod.secrets.yaml", true),
            ("/p/secrets.example.yaml", false),
            ("/p/secretsauce.json", false),
            ("/p/secrets.rs", false),
            ("/p/secrets.md", false),
            ("/p/terraform.tfstate", true),
            ("/p/terraform.tfstate.backup", true),
            ("/p/main.tf", false),
            ("/p/kubeconfig", true),
            ("/p/prod.kubeconfig", true),
            ("/p/.kube/config", true),
            ("/p/.git/config", true),
            ("/p/.git/config.bak", true),
            ("/p/.git/HEAD", false),
            ("/p/config", false),
            ("/p/.cargo/credentials.toml", true),
            ("/p/.cargo/config.toml", false),
            ("/p/.claude.json", true),
            ("/p/.mcp.json", true),
            ("/p/auth.json", true),
            ("/p/oauth.json", false),
            ("/p/.bash_history", true),
            ("/p/.zsh_history", true),
            ("/p/.netrc", true),
            ("/p/.pypirc", true),
            ("/p/.npmrc.bak", true),
            ("/p/id_ed25519", true),
            ("/p/id_ed25519.old", true),
            ("/p/id_ed25519_sk", true),
            ("/p/key.rs", false),
            ("/p/keyboard.json", false),
            ("/p/package.json", false),
            ("/p/~", false),
        ]);
    }

    #[test]
    fn copies_of_editors_and_what_lies_deeper() {
        check(&[
            ("/p/.id_rsa.swp", true),
            ("/p/.id_rsa.swo", true),
            ("/p/.id_rsa.pub.swp", false),
            ("/p/.env.swp", true),
            ("/p/.env.swn", true),
            ("/p/.secrets.yaml.swp", true),
            ("/p/.secrets.yaml.un~", true),
            ("/p/.credentials.json.swp", true),
            ("/p/.server.key.swp", true),
            ("/p/#id_rsa#", true),
            ("/p/#.env#", true),
            ("/p/.#.env", true),
            ("/p/#secrets.yaml#", true),
            ("/p/#README.md#", false),
            ("/p/.README.md.swp", false),
            ("/p/.env.example.swp", false),
            ("/p/##", false),
            ("/p/.swp", false),
            ("/p/terraform.tfvars", true),
            ("/p/prod.auto.tfvars", true),
            ("/p/prod.auto.tfvars.json", true),
            ("/p/.prod.tfvars.swp", true),
            ("/p/terraform.tfvars.example", false),
            ("/p/variables.tf", false),
            ("/p/.git/modules/sub/config", true),
            ("/p/.git/modules/a/modules/b/config", true),
            ("/p/.git/worktrees/x/config.worktree", true),
            ("/p/.git/.config.swp", true),
            ("/p/.git/modules/sub/HEAD", false),
            ("/p/.github/config", false),
            ("/p/.secrets.yaml", true),
        ]);
    }
}
