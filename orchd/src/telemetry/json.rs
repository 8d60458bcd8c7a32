//! Walks through a JSON document to the objects deep inside, one at a time, as [`super::protobuf`] does through messages.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Calls `each` with every object that the keys of `path` lead to; each key names a list. False from `each` ends the walk.
pub(super) fn walk<T: for<'de> Deserialize<'de>>(
    bytes: &[u8],
    path: &[&str],
    each: &mut dyn FnMut(T) -> bool,
) -> Result<(), serde_json::Error> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    Object(Way { path, each, kind: PhantomData }).deserialize(&mut json)?;
    json.end()
}

/// The rest of the way, and what is done at its end.
struct Way<'w, T> {
    path: &'w [&'w str],
    each: &'w mut dyn FnMut(T) -> bool,
    kind: PhantomData<T>,
}

impl<T> Way<'_, T> {
    fn again(&mut self) -> Way<'_, T> {
        Way { path: self.path, each: &mut *self.each, kind: PhantomData }
    }
}

/// An object on the way.
struct Object<'w, T>(Way<'w, T>);
/// A list on the way; null is an empty one.
struct List<'w, T>(Way<'w, T>);

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Object<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        if !self.0.path.is_empty() {
            return from.deserialize_map(self);
        }
        let found = T::deserialize(from)?;
        if (self.0.each)(found) { Ok(()) } else { Err(D::Error::custom("enough")) }
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let Some((&wanted, deeper)) = self.0.path.split_first() else { return Ok(()) };
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            if key == wanted {
                map.next_value_seed(List(Way { path: deeper, ..self.0.again() }))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for List<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for List<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Object(self.0.again()))?.is_some() {}
        Ok(())
    }
}
