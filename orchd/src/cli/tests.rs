use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use super::args::Cli;

/// Returns the help of the command reached by `path`, as it looks on a terminal of 100 columns.
fn help(path: &[&str]) -> String {
    let mut command = Cli::command().term_width(100);
    command.build();
    let mut found = &mut command;
    for name in path {
        found = found.find_subcommand_mut(name).expect("a known command");
    }
    found.render_long_help().to_string()
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn help_is_a_command_too() {
    for words in [&["orchd", "help"][..], &["orchd", "help", "delegate"], &["orchd", "config", "help"]] {
        let error = Cli::try_parse_from(words).expect_err("help");
        assert_eq!(error.kind(), ErrorKind::DisplayHelp, "{words:?}");
    }
}

#[test]
fn help_is_as_reviewed() {
    insta::assert_snapshot!("help", help(&[]));
}

#[test]
fn every_command_has_help_as_reviewed() {
    let names: Vec<_> = Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let texts: Vec<_> = names.iter().map(|name| format!("## orchd {name}\n\n{}", help(&[name]))).collect();
    insta::assert_snapshot!("help_of_commands", texts.join("\n"));
}
