//! Walks through a protobuf message to the messages deep inside, one at a time: no list of them is ever built, so a body of
//! millions of empty ones takes no more memory than itself.

use prost::decode_length_delimiter;

/// The bytes are no message of that kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// Calls `each` with every message that the field numbers of `path` lead to.
pub(super) fn walk<'a>(
    mut bytes: &'a [u8],
    path: &[u32],
    each: &mut dyn FnMut(&'a [u8]) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let Some((&wanted, deeper)) = path.split_first() else { return each(bytes) };
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        match key & 7 {
            0 => drop(varint(&mut bytes)?),
            1 => drop(take(&mut bytes, 8)?),
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).map_err(|_| Malformed)?;
                let inner = take(&mut bytes, length)?;
                if key >> 3 == u64::from(wanted) {
                    walk(inner, deeper, each)?;
                }
            }
            5 => drop(take(&mut bytes, 4)?),
            // Groups are not used by OTLP.
            _ => return Err(Malformed),
        }
    }
    Ok(())
}

fn varint(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    decode_length_delimiter(bytes).map(|number| number as u64).map_err(|_| Malformed)
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Result<&'a [u8], Malformed> {
    let (taken, rest) = bytes.split_at_checked(count).ok_or(Malformed)?;
    *bytes = rest;
    Ok(taken)
}
