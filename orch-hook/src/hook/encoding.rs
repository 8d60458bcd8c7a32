//! Bytes to UTF-8. The client writes UTF-8; a shell in between may not.

/// Returns the payload as UTF-8 without a byte order mark, and whether anything had to be replaced or converted.
pub(super) fn to_utf8(mut payload: Vec<u8>) -> (Vec<u8>, bool) {
    if let Some(converted) = from_utf16(&payload) {
        return (converted.into_bytes(), true);
    }
    if payload.starts_with(b"\xef\xbb\xbf") {
        payload.drain(..3);
    }
    match String::from_utf8(payload) {
        Ok(text) => (text.into_bytes(), false),
        // A cut at the cap may stand inside a character: then only the end is missing.
        Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned().into_bytes(), true),
    }
}

fn from_utf16(payload: &[u8]) -> Option<String> {
    let decode: fn([u8; 2]) -> u16 = match payload {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units: Vec<u16> = payload[2..].chunks_exact(2).map(|pair| decode([pair[0], pair[1]])).collect();
    Some(String::from_utf16_lossy(&units))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(payload: &[u8], text: &str, lossy: bool) {
        assert_eq!(to_utf8(payload.to_vec()), (text.as_bytes().to_vec(), lossy), "{payload:?}");
    }

    #[test]
    fn every_encoding_becomes_utf8() {
        check(b"{}", "{}", false);
        check("{\"a\":\"é\"}".as_bytes(), "{\"a\":\"é\"}", false);
        check(b"\xef\xbb\xbf{}", "{}", false);
        check(b"\xff\xfe{\0}\0", "{}", true);
        check(b"\xfe\xff\0{\0}", "{}", true);
        check(b"{\xff}", "{\u{fffd}}", true);
        check(b"", "", false);
    }
}
