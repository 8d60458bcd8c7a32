//! The one slot of Claude Code's status line. It is the user's: a command that stands there is chained into ours, never replaced,
//! and stands there again as it was when ours goes. Pure: settings text in, settings text out.

mod words;

use clap::Args;
use jsonc_parser::cst::{CstInputValue, CstObject, CstObjectProp};

use super::check::Problem;
use super::document::open;
use super::handler::{Handler, is_program};

const SLOT: &str = "statusLine";

/// Whether `install` touches the status line; without either switch it stays as it is.
#[derive(Debug, Args)]
pub(super) struct StatusLineArgs {
    /// Show limits and costs in the status line of the user settings; a command that stands there runs first
    #[arg(long, conflicts_with = "no_statusline")]
    statusline: bool,
    /// Take our status line out again
    #[arg(long)]
    no_statusline: bool,
}

/// What became of the slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// It holds nothing of ours.
    None,
    /// Our command alone.
    Ours,
    /// Our command, with the user's chained.
    Chained,
    /// Something that we do not understand well enough to touch; why.
    Left(&'static str),
}

/// Our command, as the settings hold it.
#[derive(Debug, PartialEq, Eq)]
struct Command {
    program: String,
    home: Option<String>,
    chain: Option<String>,
}

impl StatusLineArgs {
    /// Returns the text with the slot as it was asked for, and what is in it then.
    pub(super) fn apply(&self, text: String, handler: &Handler, is_user: bool) -> Result<(String, Slot), Problem> {
        match (self.statusline, self.no_statusline) {
            (true, _) if !is_user => Ok((text, Slot::Left("it is set in user settings only"))),
            (true, _) => with_status_line(&text, handler),
            (_, true) => without_status_line(&text),
            _ => Ok((text, Slot::None)),
        }
    }
}

impl Slot {
    /// Returns the word for `--json`.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Ours => Some("ours"),
            Self::Chained => Some("chained"),
            Self::Left(_) => Some("left"),
        }
    }

    /// Returns what the user is told.
    pub(super) fn notice(self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Ours => Some("the status line shows limits and costs".to_owned()),
            Self::Chained => Some("the status line shows limits and costs below your own command's output".to_owned()),
            Self::Left(why) => Some(format!("the status line was left alone: {why}")),
        }
    }
}

/// Whether the slot holds our command.
pub(super) fn is_ours(text: &str) -> bool {
    let ours = || {
        let slot = open(text).ok()?.object_value()?.get(SLOT)?;
        Command::parse(&command_of(&slot).ok()?.1)
    };
    ours().is_some()
}

/// Returns the text with our command in the slot.
fn with_status_line(text: &str, handler: &Handler) -> Result<(String, Slot), Problem> {
    let root = open(text)?;
    let settings = root.object_value_or_set();
    let ours = |chain| {
        let (program, home) = (handler.command.clone(), handler.home.clone());
        Command { program, home, chain }
    };
    let Some(slot) = settings.get(SLOT) else {
        let value = vec![("type".into(), "command".into()), ("command".into(), ours(None).to_string().into())];
        settings.append(SLOT, CstInputValue::Object(value));
        return Ok((root.to_string(), Slot::Ours));
    };
    let (property, found) = match command_of(&slot) {
        Ok(found) => found,
        Err(why) => return Ok((root.to_string(), Slot::Left(why))),
    };
    let chain = match Command::parse(&found) {
        Some(command) => command.chain,
        None if mentions_us(&found) => return Ok((root.to_string(), Slot::Left(INSIDE))),
        None => Some(found.clone()),
    };
    let in_slot = if chain.is_some() { Slot::Chained } else { Slot::Ours };
    let wanted = ours(chain).to_string();
    if wanted != found {
        property.set_value(wanted.into());
    }
    Ok((root.to_string(), in_slot))
}

/// Returns the text with the slot as it was before us.
pub(super) fn without_status_line(text: &str) -> Result<(String, Slot), Problem> {
    let root = open(text)?;
    let Some(slot) = root.object_value().and_then(|settings| settings.get(SLOT)) else {
        return Ok((root.to_string(), Slot::None));
    };
    let mut left = Slot::None;
    if let Ok((property, found)) = command_of(&slot) {
        match Command::parse(&found) {
            Some(Command { chain: Some(theirs), .. }) => property.set_value(theirs.into()),
            Some(_) => slot.remove(),
            None if mentions_us(&found) => left = Slot::Left(INSIDE),
            None => {}
        }
    }
    Ok((root.to_string(), left))
}

const INSIDE: &str = "its command runs orch-hook inside of something else; change it yourself";

/// Returns the slot's command and the property that holds it, or why there is none.
fn command_of(slot: &CstObjectProp) -> Result<(CstObjectProp, String), &'static str> {
    let object = slot.object_value().ok_or("`statusLine` is not an object")?;
    if text_of(&object, "type").is_none_or(|(_, kind)| kind != "command") {
        return Err("`statusLine` is not of the type `command`");
    }
    text_of(&object, "command").ok_or("`statusLine` has no command")
}

fn text_of(object: &CstObject, name: &str) -> Option<(CstObjectProp, String)> {
    let property = object.get(name)?;
    let text = property.value()?.as_string_lit()?.decoded_value().ok()?;
    Some((property, text))
}

fn mentions_us(command: &str) -> bool {
    command.contains("orch-hook") && command.contains("statusline")
}

impl Command {
    /// Returns our command, if it is nothing but that.
    fn parse(line: &str) -> Option<Self> {
        let mut words = words::split(line)?.into_iter();
        let program = words.next().filter(|program| is_program(program))?;
        words.next().filter(|word| word == "statusline")?;
        let mut command = Self { program, home: None, chain: None };
        while let Some(option) = words.next() {
            let value = words.next()?;
            match &*option {
                "--home" => command.home = Some(value),
                "--chain" => command.chain = Some(value),
                _ => return None,
            }
        }
        Some(command)
    }
}

impl std::fmt::Display for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} statusline", words::quote(&self.program))?;
        for (option, value) in [("--home", &self.home), ("--chain", &self.chain)] {
            if let Some(value) = value {
                write!(f, " {option} {}", words::quote(value))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
