//! Server-sent events out of bytes that may be cut anywhere. Pure, and bounded by the largest event.

use memchr::memchr2;

/// Largest event, in bytes: LM Studio's last one repeats the whole answer.
pub const EVENT_BYTES_MAX: usize = 8 << 20;

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SseEvent {
    /// The text after `event:`, where there is one.
    pub name: Option<String>,
    /// The lines after `data:`, joined by newlines.
    pub data: Vec<u8>,
}

/// An event is larger than [`EVENT_BYTES_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of more than {} MiB", EVENT_BYTES_MAX >> 20)]
pub struct EventTooLarge;

/// What was gathered of the event that is not whole yet.
#[derive(Debug, Default)]
pub struct SseParser {
    line: Vec<u8>,
    name: Option<String>,
    data: Option<Vec<u8>>,
    after_return: bool,
    begun: bool,
}

impl SseParser {
    /// Takes the next bytes and appends the events that they complete.
    pub fn push(&mut self, bytes: &[u8], events: &mut Vec<SseEvent>) -> Result<(), EventTooLarge> {
        let mut rest = bytes;
        while !rest.is_empty() {
            // `\r\n` is one end of a line, also when it is cut in the middle.
            if std::mem::take(&mut self.after_return) && rest[0] == b'\n' {
                rest = &rest[1..];
                continue;
            }
            let Some(at) = memchr2(b'\n', b'\r', rest) else { return self.grow(rest) };
            self.grow(&rest[..at])?;
            self.after_return = rest[at] == b'\r';
            rest = &rest[at + 1..];
            events.extend(self.end_line());
        }
        Ok(())
    }

    /// Returns what was gathered when the bytes end without the empty line that ends an event.
    #[must_use]
    pub fn finish(mut self) -> Option<SseEvent> {
        self.end_line().or_else(|| self.end_event())
    }

    fn grow(&mut self, bytes: &[u8]) -> Result<(), EventTooLarge> {
        let gathered = self.line.len() + self.data.as_ref().map_or(0, Vec::len);
        if gathered + bytes.len() > EVENT_BYTES_MAX {
            return Err(EventTooLarge);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self) -> Option<SseEvent> {
        let mut line = std::mem::take(&mut self.line);
        if !std::mem::replace(&mut self.begun, true) && line.starts_with("\u{feff}".as_bytes()) {
            line.drain(..3);
        }
        if line.is_empty() {
            return self.end_event();
        }
        let colon = memchr::memchr(b':', &line).unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match &line[..colon] {
            b"data" => match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => self.data = Some(value.to_vec()),
            },
            b"event" => self.name = Some(String::from_utf8_lossy(value).into_owned()),
            // Comments (an empty name) keep a connection alive; `id` and `retry` are for clients that come back.
            _ => {}
        }
        None
    }

    fn end_event(&mut self) -> Option<SseEvent> {
        let name = self.name.take();
        self.data.take().map(|data| SseEvent { name, data })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Returns the bytes cut into pieces of these lengths, which begin anew at their end.
    pub(in crate::local_model::chat) fn cut<'a>(mut bytes: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
        let mut pieces = Vec::new();
        for length in lengths.iter().cycle() {
            if bytes.is_empty() {
                break;
            }
            let (piece, rest) = bytes.split_at((*length).min(bytes.len()));
            pieces.push(piece);
            bytes = rest;
        }
        pieces
    }

    fn parsed<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<SseEvent> {
        let (mut parser, mut events) = (SseParser::default(), Vec::new());
        for piece in pieces {
            parser.push(piece, &mut events).expect("small events");
        }
        events.extend(parser.finish());
        events
    }

    fn check(text: &str, expected: &[(Option<&str>, &str)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, data)| SseEvent { name: name.map(str::to_owned), data: data.as_bytes().to_vec() })
            .collect();
        assert_eq!(parsed([text.as_bytes()]), expected, "{text:?}");
        assert_eq!(parsed(text.as_bytes().chunks(1)), expected, "byte by byte: {text:?}");
    }

    #[test]
    fn events() {
        check("data: a\n\ndata:b\n\n", &[(None, "a"), (None, "b")]);
        check("data: a\r\n\r\ndata: b\r\rdata: c\n\r\n", &[(None, "a"), (None, "b"), (None, "c")]);
        check("event: message.delta\ndata: {}\n\n", &[(Some("message.delta"), "{}")]);
        check("data: one\ndata:  two\n\n", &[(None, "one\n two")]);
        check(": ping\n\n:\nid: 7\nretry: 1\n\ndata\n\n", &[(None, "")]);
        check("event: lost\n\ndata: a\n\n", &[(None, "a")]);
        check("\u{feff}data: a\n\n\u{feff}data: b\n\n", &[(None, "a")]);
        check("data: no empty line", &[(None, "no empty line")]);
        check("data: one end\n", &[(None, "one end")]);
        check("<html>hi</html>", &[]);
        check("", &[]);
    }

    #[test]
    fn an_event_without_end_is_refused() {
        let mut parser = SseParser::default();
        let piece = vec![b'x'; 1 << 20];
        let refused = (0..20).find_map(|_| parser.push(&piece, &mut Vec::new()).err());
        assert_eq!(refused, Some(EventTooLarge));
        let mut parser = SseParser::default();
        let line = [&b"data:"[..], &piece, b"\n"].concat();
        let refused = (0..20).find_map(|_| parser.push(&line, &mut Vec::new()).err());
        assert_eq!(refused, Some(EventTooLarge), "many lines are no way around it");
    }

    proptest! {
        #[test]
        fn where_the_bytes_are_cut_does_not_matter(
            lines in proptest::collection::vec("(data: ?|event:|:|id:|)[a-z {}é]{0,4}(\n|\r|\r\n)", 0..24),
            cuts in proptest::collection::vec(1usize..9, 1..40),
        ) {
            let text = lines.concat();
            prop_assert_eq!(parsed(cut(text.as_bytes(), &cuts)), parsed([text.as_bytes()]));
        }
    }
}
