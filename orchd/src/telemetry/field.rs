//! Fields of JSON's messages: read leniently, and no field keeps more than its text is long. Lists are cut at a limit, and where
//! a number is due all else is skipped, not gathered.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::message::KeyValue;

/// Attributes of a record that are kept; an `api_request` has some 25.
pub(super) const MOST_ATTRIBUTES: usize = 128;

/// A number as JSON has it: 64-bit integers stand in quotes, and clients forget that.
#[derive(Debug, Clone, Copy)]
enum Number {
    Whole(i64),
    Float(f64),
}

struct NumberVisitor;

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Option<Number>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(Number::Whole(number)))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        #[expect(clippy::cast_precision_loss, reason = "too large to be whole")]
        Ok(Some(i64::try_from(number).map_or(Number::Float(number as f64), Number::Whole)))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(Number::Float(number)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let (text, float) = (text.trim(), |text: &str| text.parse().ok().map(Number::Float));
        Ok(text.parse().ok().map(Number::Whole).or_else(|| float(text)))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// Returns a float that is a whole number; floats beyond 2^53 are none.
pub(super) fn whole_of(number: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
    (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then_some(number as i64)
}

/// Reads a whole number; None for all else.
pub(super) fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Ok(from.deserialize_any(NumberVisitor)?.and_then(|number| match number {
        Number::Whole(number) => Some(number),
        Number::Float(number) => whole_of(number),
    }))
}

/// Reads a whole number that is not negative; 0 for all else.
pub(super) fn count<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    Ok(whole(from)?.and_then(|number| u64::try_from(number).ok()).unwrap_or(0))
}

/// Reads a number; None for all else.
pub(super) fn float<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    Ok(from.deserialize_any(NumberVisitor)?.map(|number| match number {
        #[expect(clippy::cast_precision_loss, reason = "it stands where a float is due")]
        Number::Whole(number) => number as f64,
        Number::Float(number) => number,
    }))
}

/// Reads the first of a record's attributes, as many as are kept.
pub(super) fn attributes<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<KeyValue>, D::Error> {
    from.deserialize_any(AttributesVisitor)
}

struct AttributesVisitor;

impl<'de> Visitor<'de> for AttributesVisitor {
    type Value = Vec<KeyValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of attributes")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut kept = Vec::new();
        while kept.len() < MOST_ATTRIBUTES {
            let Some(attribute) = list.next_element()? else { return Ok(kept) };
            kept.push(attribute);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(kept)
    }
}

/// JSON's null stands for what a field is without a value.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}
