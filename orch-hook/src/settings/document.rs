//! The edit itself, pure: settings text in, settings text out, foreign entries and formatting as they were.

use jsonc_parser::cst::{CstArray, CstObject, CstRootNode};

use super::check::{Problem, STRICT, check};
use super::handler::{Handler, is_ours};
use super::profile::Registration;

/// Returns the text with exactly these registrations of ours.
pub(super) fn with_handlers(text: &str, handler: &Handler, registrations: &[Registration]) -> Result<String, Problem> {
    let root = open(text)?;
    let settings = root.object_value_or_set();
    let hooks = settings.object_value_or_set("hooks");
    remove_where(&hooks, |event| !registrations.iter().any(|one| one.event == event));
    for registration in registrations {
        let groups = hooks.array_value_or_set(registration.event);
        if holds(&groups, handler, *registration) {
            continue;
        }
        remove_ours(&groups);
        groups.ensure_multiline();
        groups.append(handler.group(*registration));
    }
    Ok(root.to_string())
}

/// Returns the text without our handlers and without the empty lists they leave.
pub(super) fn without_handlers(text: &str) -> Result<String, Problem> {
    let root = open(text)?;
    if let Some(settings) = root.object_value()
        && let Some(hooks) = settings.object_value("hooks")
        && remove_where(&hooks, |_| true) > 0
        && hooks.properties().is_empty()
        && let Some(property) = settings.get("hooks")
    {
        property.remove();
    }
    Ok(root.to_string())
}

/// Returns the events that our handlers stand under, in the order of the text.
pub(super) fn registered_events(text: &str) -> Result<Vec<String>, Problem> {
    let root = open(text)?;
    let hooks = root.object_value().and_then(|settings| settings.object_value("hooks"));
    let events = hooks.iter().flat_map(CstObject::properties).filter(|event| {
        event.array_value().is_some_and(|groups| handlers(&groups).any(|(_, _, handler)| is_ours(&handler)))
    });
    Ok(events.filter_map(|event| event.name()?.decoded_value().ok()).collect())
}

/// Returns the text as a tree that keeps what is not edited, if it is one that may be edited.
pub(super) fn open(text: &str) -> Result<CstRootNode, Problem> {
    let text = if text.trim().is_empty() { "{}\n" } else { text };
    check(text)?;
    parse(text)
}

/// Returns a text that was checked as a tree that keeps what is not edited.
pub(super) fn parse(text: &str) -> Result<CstRootNode, Problem> {
    let unexpected = |error: jsonc_parser::errors::ParseError| Problem {
        line: error.line_display(),
        column: error.column_display(),
        what: error.kind().to_string(),
    };
    CstRootNode::parse(text, &STRICT).map_err(unexpected)
}

/// Every handler with its group and the list it stands in.
fn handlers(groups: &CstArray) -> impl Iterator<Item = (CstObject, CstArray, CstObject)> {
    groups.elements().into_iter().filter_map(|group| group.as_object()).flat_map(|group| {
        let list = group.array_value("hooks");
        let elements = list.iter().flat_map(CstArray::elements).filter_map(|handler| handler.as_object());
        let handlers: Vec<_> = elements.collect();
        handlers.into_iter().filter_map(move |handler| Some((group.clone(), list.clone()?, handler)))
    })
}

/// Whether the list holds our handler exactly as it should be, once.
fn holds(groups: &CstArray, handler: &Handler, registration: Registration) -> bool {
    let ours: Vec<_> = handlers(groups).filter(|(_, _, handler)| is_ours(handler)).collect();
    let [(group, _, _)] = &ours[..] else {
        return false;
    };
    let wanted = CstRootNode::parse("{}", &STRICT).ok().and_then(|scratch| {
        scratch.set_value(handler.group(registration));
        scratch.to_serde_value()
    });
    group.to_serde_value() == wanted
}

/// Removes our handlers under the events that `which` names; returns how many lists changed.
fn remove_where(hooks: &CstObject, which: impl Fn(&str) -> bool) -> usize {
    let mut changed = 0;
    for event in hooks.properties() {
        let name = event.name().and_then(|name| name.decoded_value().ok());
        let Some(groups) = event.array_value() else { continue };
        if name.is_some_and(|name| which(&name)) && remove_ours(&groups) {
            changed += 1;
            if groups.elements().is_empty() {
                event.remove();
            }
        }
    }
    changed
}

/// Removes our handlers, and groups that held nothing else.
fn remove_ours(groups: &CstArray) -> bool {
    let mut removed = false;
    for (group, list, handler) in handlers(groups).collect::<Vec<_>>() {
        if !is_ours(&handler) {
            continue;
        }
        removed = true;
        handler.remove();
        if list.elements().is_empty() {
            group.remove();
        }
    }
    removed
}

#[cfg(test)]
mod tests;
