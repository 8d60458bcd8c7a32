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

/// Grouped by the last letter, longer ones first: the end of a name, and whether it must be a word of its own (`db_pass`, not `bypass`).
struct Ending(&'static [u8], bool, Name);

#[rustfmt::skip]
static ENDINGS: &[Ending] = &[
    Ending(b"mnemonic", false, Name::Password),
    Ending(b"sessionid", false, Name::Session), Ending(b"password", false, Name::Password),
    Ending(b"passwd", false, Name::Password), Ending(b"sessid", false, Name::Session),
    Ending(b"pswd", false, Name::Password), Ending(b"seed", true, Name::Weak), Ending(b"pwd", false, Name::Password),
    Ending(b"sid", true, Name::Session),
    Ending(b"secretkeybase", false, Name::Secret), Ending(b"secretvalue", false, Name::Secret),
    Ending(b"passphrase", false, Name::Password), Ending(b"seedphrase", false, Name::Password),
    Ending(b"signature", false, Name::Weak), Ending(b"passcode", false, Name::Password),
    Ending(b"cookie", false, Name::Cookie),
    Ending(b"secretstring", false, Name::Secret), Ending(b"sig", true, Name::Weak),
    Ending(b"auth", true, Name::Weak),
    Ending(b"credential", false, Name::Weak),
    Ending(b"authorization", false, Name::Authorization), Ending(b"session", true, Name::Session),
    Ending(b"token", false, Name::Secret),
    Ending(b"otp", true, Name::Weak),
    Ending(b"bearer", true, Name::Secret),
    Ending(b"credentials", false, Name::Weak), Ending(b"cookies", false, Name::Cookie),
    Ending(b"creds", true, Name::Weak), Ending(b"pass", true, Name::Password), Ending(b"sas", true, Name::Weak),
    Ending(b"secrettext", false, Name::Secret), Ending(b"appsecret", false, Name::Secret),
    Ending(b"kennwort", false, Name::Password), Ending(b"passwort", false, Name::Password),
    Ending(b"secret", false, Name::Secret), Ending(b"salt", true, Name::Weak), Ending(b"jwt", true, Name::Secret),
    Ending(b"psw", true, Name::Password), Ending(b"pw", true, Name::Password),
    Ending(b"secretaccesskey", false, Name::Secret), Ending(b"subscriptionkey", false, Name::Secret),
    Ending(b"encryptionkey", false, Name::Secret), Ending(b"consumerkey", false, Name::Secret),
    Ending(b"functionkey", false, Name::Secret), Ending(b"accountkey", false, Name::Secret),
    Ending(b"licensekey", false, Name::Secret), Ending(b"privatekey", false, Name::Secret),
    Ending(b"servicekey", false, Name::Secret), Ending(b"sessionkey", false, Name::Secret),
    Ending(b"signingkey", false, Name::Secret), Ending(b"storagekey", false, Name::Secret),
    Ending(b"accesskey", false, Name::Secret), Ending(b"deploykey", false, Name::Secret),
    Ending(b"masterkey", false, Name::Secret), Ending(b"secretkey", false, Name::Secret),
    Ending(b"sharedkey", false, Name::Secret), Ending(b"adminkey", false, Name::Secret),
    Ending(b"authkey", false, Name::Secret), Ending(b"hmackey", false, Name::Secret),
    Ending(b"apikey", false, Name::Secret), Ending(b"appkey", false, Name::Secret), Ending(b"key", true, Name::Weak),
];

/// For each last letter (its low five bits), the range of [`ENDINGS`].
static GROUPS: [(u8, u8); 32] = groups();

const fn groups() -> [(u8, u8); 32] {
    let mut groups = [(0, 0); 32];
    let mut at = 0;
    while at < ENDINGS.len() {
        let ending = ENDINGS[at].0;
        let letter = (ending[ending.len() - 1] & 31) as usize;
        #[expect(clippy::cast_possible_truncation, reason = "the table has fewer than 256 rows")]
        let place = at as u8;
        if groups[letter].1 == 0 {
            groups[letter].0 = place;
        }
        assert!(groups[letter].1 == 0 || groups[letter].1 == place, "rows must be grouped by their last letter");
        groups[letter].1 = place + 1;
        at += 1;
    }
    groups
}

/// A filter over the last three letters of all endings: one bit for each hash.
static LAST_THREE: [u64; 32] = {
    let mut letters = [0; 32];
    let mut at = 0;
    while at < ENDINGS.len() {
        let ending = ENDINGS[at].0;
        let last = ending.len() - 1;
        let mut third: u8 = 0;
        loop {
            let hash = hash(if last > 1 { ending[last - 2] } else { third }, ending[last - 1], ending[last]);
            letters[hash / 64] |= 1 << (hash % 64);
            if last > 1 || third == u8::MAX {
                break;
            }
            third += 1;
        }
        at += 1;
    }
    letters
};

const fn hash(third: u8, second: u8, last: u8) -> usize {
    // Upper and lower case are one.
    let three = u32::from_le_bytes([third | 0x20, second | 0x20, last | 0x20, 0]);
    (three.wrapping_mul(0x27d4_eb2f) >> 21) as usize
}

/// Whether a name that ends with these bytes may be a secret's.
#[inline]
pub(super) fn may_end(name: &[u8]) -> bool {
    match *name {
        [.., third, second, last] => {
            let hash = hash(third, second, last);
            LAST_THREE[hash / 64] >> (hash % 64) & 1 == 1
        }
        _ => true,
    }
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
    let &last = name.last().filter(|_| may_end(name))?;
    let (from, to) = GROUPS[usize::from(last & 31)];
    let endings = &ENDINGS[usize::from(from)..usize::from(to)];
    // The longest ending stands first.
    let matches =
        |ending: &&Ending| ends_with(name, ending.0).is_some_and(|start| !ending.1 || is_own_word(name, start));
    let found = endings.iter().find(matches)?.2;
    let is_alike = |harmless: &&&[u8]| harmless.last() == Some(&last.to_ascii_lowercase());
    let mut harmless = HARMLESS.iter().filter(is_alike);
    let is_harmless = harmless.any(|harmless| ends_with(name, harmless).is_some()) || name == b"PWD";
    (!is_harmless).then_some(found)
}

/// Whether the text is the end of a name and nothing before it: `password`, `token`.
pub(super) fn is_ending(text: &[u8]) -> bool {
    ENDINGS.iter().any(|ending| ending.0 == text)
}

/// Whether the name says that its value is a phrase of words.
pub(super) fn is_phrase(name: &[u8]) -> bool {
    [&b"passphrase"[..], b"mnemonic", b"seedphrase"].iter().any(|ending| ends_with(name, ending).is_some())
}

/// Returns where `ending` starts in the name.
fn ends_with(name: &[u8], ending: &[u8]) -> Option<usize> {
    // Most names differ here already.
    let (&[.., second, first], &[.., wanted_second, wanted_first]) = (name, ending) else { return None };
    if first.to_ascii_lowercase() != wanted_first
        || second.to_ascii_lowercase() != wanted_second
        || name.len() < ending.len()
    {
        return None;
    }
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
