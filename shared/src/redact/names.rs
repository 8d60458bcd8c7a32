//! Which names hold secrets: the end of a name decides, `_` and `-` and case do not count.

/// What a name says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// A password: any value that is no reference.
    Password,
    /// A token, key or secret: any value that is no reference, number or code.
    Secret,
    /// Could be a secret: the value must look random.
    Weak,
    /// The name of a session in a cookie or a query; only with `=`.
    Session,
    Authorization,
    Cookie,
}

impl Name {
    /// What the replacement says.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Secret => "secret",
            Self::Weak => "key",
            Self::Session => "session",
            Self::Authorization => "authorization",
            Self::Cookie => "cookie",
        }
    }
}

/// The end of a name, and whether it must be a word of its own (`db_pass`, not `bypass`).
struct Ending(&'static [u8], bool, Name);

#[rustfmt::skip]
static ENDINGS: &[Ending] = &[
    Ending(b"password", false, Name::Password), Ending(b"passwd", false, Name::Password),
    Ending(b"passphrase", false, Name::Password), Ending(b"passcode", false, Name::Password),
    Ending(b"pwd", false, Name::Password), Ending(b"pass", true, Name::Password),
    Ending(b"passwort", false, Name::Password), Ending(b"kennwort", false, Name::Password),
    Ending(b"pw", true, Name::Password), Ending(b"psw", true, Name::Password), Ending(b"pswd", false, Name::Password),
    Ending(b"password1", false, Name::Password), Ending(b"password2", false, Name::Password),
    Ending(b"mnemonic", false, Name::Password), Ending(b"seedphrase", false, Name::Password),
    Ending(b"secret", false, Name::Secret), Ending(b"token", false, Name::Secret), Ending(b"jwt", true, Name::Secret),
    Ending(b"bearer", true, Name::Secret), Ending(b"apikey", false, Name::Secret), Ending(b"accesskey", false, Name::Secret),
    Ending(b"secretkey", false, Name::Secret), Ending(b"privatekey", false, Name::Secret),
    Ending(b"accountkey", false, Name::Secret), Ending(b"sharedkey", false, Name::Secret),
    Ending(b"signingkey", false, Name::Secret), Ending(b"encryptionkey", false, Name::Secret),
    Ending(b"masterkey", false, Name::Secret), Ending(b"authkey", false, Name::Secret),
    Ending(b"subscriptionkey", false, Name::Secret), Ending(b"servicekey", false, Name::Secret),
    Ending(b"deploykey", false, Name::Secret), Ending(b"consumerkey", false, Name::Secret),
    Ending(b"licensekey", false, Name::Secret), Ending(b"storagekey", false, Name::Secret),
    Ending(b"functionkey", false, Name::Secret), Ending(b"adminkey", false, Name::Secret),
    Ending(b"hmackey", false, Name::Secret), Ending(b"sessionkey", false, Name::Secret),
    Ending(b"appkey", false, Name::Secret), Ending(b"appsecret", false, Name::Secret),
    Ending(b"secretaccesskey", false, Name::Secret), Ending(b"secretkeybase", false, Name::Secret),
    Ending(b"secrettext", false, Name::Secret), Ending(b"secretstring", false, Name::Secret),
    Ending(b"secretvalue", false, Name::Secret), Ending(b"sas", true, Name::Weak), Ending(b"credential", false, Name::Weak),
    Ending(b"credentials", false, Name::Weak), Ending(b"creds", true, Name::Weak), Ending(b"auth", true, Name::Weak),
    Ending(b"key", true, Name::Weak), Ending(b"sig", true, Name::Weak), Ending(b"signature", false, Name::Weak),
    Ending(b"salt", true, Name::Weak), Ending(b"seed", true, Name::Weak), Ending(b"otp", true, Name::Weak),
    Ending(b"code", true, Name::Session), Ending(b"sessionid", false, Name::Session), Ending(b"sessid", false, Name::Session),
    Ending(b"session", true, Name::Session), Ending(b"sid", true, Name::Session),
    Ending(b"authorization", false, Name::Authorization), Ending(b"cookie", false, Name::Cookie),
    Ending(b"cookies", false, Name::Cookie),
];

/// The last letters of all endings, so that most names cost one look.
static LAST_LETTERS: u32 = last_letters();

const fn last_letters() -> u32 {
    let mut letters = 0;
    let mut at = 0;
    while at < ENDINGS.len() {
        let ending = ENDINGS[at].0;
        letters |= 1 << (ending[ending.len() - 1] & 31);
        at += 1;
    }
    letters
}

/// Names that end like a secret's and hold none.
static HARMLESS: &[&[u8]] = &[
    b"publickey",
    b"primarykey",
    b"foreignkey",
    b"cachekey",
    b"sortkey",
    b"partitionkey",
    b"nextpagetoken",
    b"pagetoken",
    b"nexttoken",
    b"continuationtoken",
    b"cancellationtoken",
    b"hotkey",
    b"idempotencykey",
    b"routingkey",
    b"oldpwd",
    b"objectkey",
    b"rowkey",
    b"indexkey",
    b"keyid",
    b"exitcode",
    b"statuscode",
    b"errorcode",
    b"maxtoken",
    b"pubkey",
    b"hostkey",
    b"sshkey",
    b"authorizedkey",
    b"knownkey",
    b"prevtoken",
    b"synctoken",
    b"shuffleseed",
    b"randomseed",
];

/// Returns what the name's end says.
pub(super) fn classify(name: &[u8]) -> Option<Name> {
    let last = *name.last()?;
    if LAST_LETTERS >> (last & 31) & 1 == 0 {
        return None;
    }
    // The longest ending decides: `public_key` and `api_key` end alike.
    let matching =
        |ending: &&Ending| ends_with(name, ending.0).is_some_and(|start| !ending.1 || is_own_word(name, start));
    let Ending(_, _, found) = ENDINGS.iter().filter(matching).max_by_key(|ending| ending.0.len())?;
    let harmless = HARMLESS.iter().any(|harmless| ends_with(name, harmless).is_some()) || name == b"PWD";
    (!harmless).then_some(*found)
}

/// Whether the name says that its value is a phrase of words.
pub(super) fn is_phrase(name: &[u8]) -> bool {
    [&b"passphrase"[..], b"mnemonic", b"seedphrase"].iter().any(|ending| ends_with(name, ending).is_some())
}

/// Returns where `ending` starts in the name.
fn ends_with(name: &[u8], ending: &[u8]) -> Option<usize> {
    let mut at = name.len();
    for &letter in ending.iter().rev() {
        while at > 0 && matches!(name[at - 1], b'_' | b'-') {
            at -= 1;
        }
        if at == 0 || name[at - 1].to_ascii_lowercase() != letter {
            return None;
        }
        at -= 1;
    }
    Some(at)
}

/// Whether no letter of the same word stands before: `db_pass`, `dbPass`, `pass1`.
fn is_own_word(name: &[u8], start: usize) -> bool {
    let Some(&before) = start.checked_sub(1).and_then(|at| name.get(at)) else { return true };
    !before.is_ascii_alphabetic() || (before.is_ascii_lowercase() && name[start].is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::{Name, classify};

    #[test]
    fn ends_of_names_decide() {
        let cases = [
            ("password", Some(Name::Password)),
            ("DB_PASSWORD", Some(Name::Password)),
            ("spring.datasource.password", Some(Name::Password)),
            ("dbPass", Some(Name::Password)),
            ("DB_PASS", Some(Name::Password)),
            ("bypass", None),
            ("compass", None),
            ("PWD", None),
            ("OLDPWD", None),
            ("Pwd", Some(Name::Password)),
            ("clientSecret", Some(Name::Secret)),
            ("X-Api-Key", Some(Name::Secret)),
            ("PRIVATE-TOKEN", Some(Name::Secret)),
            ("AccountKey", Some(Name::Secret)),
            ("_authToken", Some(Name::Secret)),
            ("max_tokens", None),
            ("token_count", None),
            ("nextPageToken", None),
            ("public_key", None),
            ("monkey", None),
            ("STRIPE_KEY", Some(Name::Weak)),
            ("Proxy-Authorization", Some(Name::Authorization)),
            ("Set-Cookie", Some(Name::Cookie)),
            ("command", None),
        ];
        for (name, expected) in cases {
            assert_eq!(classify(name.as_bytes()), expected, "{name}");
        }
    }
}
