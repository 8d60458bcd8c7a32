//! Our MCP server in the client's own state file, pure: which text has it, told from a server of somebody else with our name.

use jsonc_parser::cst::{CstInputValue, CstRootNode};
use shared::mcp_server::{NAME, SERVERS, ours};

use super::check::{Problem, check_once, check_plain};
use super::document::parse;

/// How the client starts the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    /// Absolute path of `orchd`.
    pub command: String,
    /// Baked in as `--home` when everything lies under one folder.
    pub home: Option<String>,
}

/// Whose server has our name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    Ours,
    /// Somebody else's, which stays as it is.
    Foreign,
}

impl Server {
    fn value(&self) -> CstInputValue {
        let home = self.home.iter().flat_map(|home| ["--home", home]);
        let args = std::iter::once("mcp").chain(home).map(Into::into).collect();
        CstInputValue::Object(vec![
            ("type".into(), "stdio".into()),
            ("command".into(), self.command.as_str().into()),
            ("args".into(), CstInputValue::Array(args)),
        ])
    }
}

/// Returns the text with our server, and whose server it had under that name.
pub(super) fn with_server(text: &str, server: &Server) -> Result<(String, Found), Problem> {
    let (root, found) = (open(text)?, found_in(text)?);
    let servers = || root.object_value_or_set().object_value_or_set(SERVERS);
    match found {
        Found::Foreign => {}
        Found::Nothing => drop(servers().append(NAME, server.value())),
        Found::Ours => {
            let servers = servers();
            // What users add to it, such as `env` or a time-out, stays.
            if let Some(known) = servers.get(NAME)
                && starts(known.to_serde_value().as_ref()) != starts(of(server).as_ref())
            {
                known.set_value(server.value());
            }
        }
    }
    Ok((root.to_string(), found))
}

/// Returns the text without our server, and without the list that it leaves empty.
pub(super) fn without_server(text: &str) -> Result<String, Problem> {
    let root = open(text)?;
    if found_in(text)? == Found::Ours
        && let Some(state) = root.object_value()
        && let Some(servers) = state.object_value(SERVERS)
    {
        if let Some(known) = servers.get(NAME) {
            known.remove();
        }
        if servers.properties().is_empty()
            && let Some(property) = state.get(SERVERS)
        {
            property.remove();
        }
    }
    Ok(root.to_string())
}

/// Tells whose server has our name.
pub(super) fn found_in(text: &str) -> Result<Found, Problem> {
    let root = open(text)?;
    let servers = root.object_value().and_then(|state| state.object_value(SERVERS));
    Ok(match servers.and_then(|servers| servers.get(NAME)) {
        None => Found::Nothing,
        Some(known) if known.to_serde_value().is_some_and(|server| ours(&server).is_some()) => Found::Ours,
        Some(_) => Found::Foreign,
    })
}

fn open(text: &str) -> Result<CstRootNode, Problem> {
    let text = if text.trim().is_empty() { "{}\n" } else { text };
    check_plain(text)?;
    check_once(text, &[SERVERS, NAME])?;
    parse(text)
}

/// Returns what is started.
fn starts(server: Option<&serde_json::Value>) -> Option<[&serde_json::Value; 2]> {
    server.map(|server| [&server["command"], &server["args"]])
}

fn of(server: &Server) -> Option<serde_json::Value> {
    let scratch = parse("{}").ok()?;
    scratch.set_value(server.value());
    scratch.to_serde_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: &str = "{\n  \"numStartups\": 3,\n  \"projects\": {\n    \"/p\": {\"mcpServers\": {\"orch\": {}}}\n  },\n  \"hooks\": 7\n}\n";

    fn server() -> Server {
        Server { command: "/d/bin/orchd".into(), home: Some("/h".into()) }
    }

    #[test]
    fn it_comes_and_goes_beside_what_is_there() {
        for before in [
            STATE,
            "{}\n",
            "{\"mcpServers\":{\"other\":{\"command\":\"x\"}}}",
            "{\n\t\"mcpServers\": {\n\t\t\"other\": {\n\t\t\t\"command\": \"x\"\n\t\t}\n\t},\n\t\"z\": 1e3\n}",
        ] {
            let (with, found) = with_server(before, &server()).expect("usual");
            assert_eq!((found, found_in(&with)), (Found::Nothing, Ok(Found::Ours)), "{with}");
            assert_eq!(with_server(&with, &server()), Ok((with.clone(), Found::Ours)), "twice is once");
            let plain = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(plain(&without_server(&with).expect("usual")), plain(before));
            assert_eq!(without_server(before).as_deref(), Ok(before));
        }
        let (with, _) = with_server(STATE, &server()).expect("usual");
        assert_eq!(without_server(&with).as_deref(), Ok(STATE), "byte for byte");
        insta::assert_snapshot!(with_server("", &server()).expect("usual").0, @r#"
        {
          "mcpServers": {
            "orch": {
              "type": "stdio",
              "command": "/d/bin/orchd",
              "args": ["mcp", "--home", "/h"]
            }
          }
        }
        "#);
    }

    /// The client writes its file with two spaces, users and other tools in other ways.
    #[test]
    fn what_is_taken_out_leaves_the_rest_byte_for_byte() {
        const OURS: &str = r#"{"command":"/d/bin/orchd","args":["mcp"]}"#;
        for (with, without) in [
            (
                format!(r#"{{"a":1,"mcpServers":{{"orch":{OURS},"z":{{}}}},"b":[1, 2]}}"#),
                r#"{"a":1,"mcpServers":{"z":{}},"b":[1, 2]}"#,
            ),
            (
                format!(r#"{{"a":1,"mcpServers":{{"y":{{}},"orch":{OURS}}},"b":[1, 2]}}"#),
                r#"{"a":1,"mcpServers":{"y":{}},"b":[1, 2]}"#,
            ),
            (format!(r#"{{"a":1,"mcpServers":{{"orch":{OURS}}},"b":[1, 2]}}"#), r#"{"a":1,"b":[1, 2]}"#),
            (
                format!(
                    "{{\n\t\"a\":  1e3 ,\n\t\"mcpServers\": {{\n\t\t\"orch\": {OURS},\n\t\t\"z\" : {{ }}\n\t}}\n}}"
                ),
                "{\n\t\"a\":  1e3 ,\n\t\"mcpServers\": {\n\t\t\"z\" : { }\n\t}\n}",
            ),
            (
                format!(
                    "{{\r\n  \"mcpServers\": {{\r\n    \"y\": {{}},\r\n    \"orch\": {OURS}\r\n  }},\r\n  \"b\": \"\\u00e9\"\r\n}}\r\n"
                ),
                "{\r\n  \"mcpServers\": {\r\n    \"y\": {}\r\n  },\r\n  \"b\": \"\\u00e9\"\r\n}\r\n",
            ),
        ] {
            assert_eq!(without_server(&with).as_deref(), Ok(without));
        }
    }

    #[test]
    fn an_older_one_of_ours_is_brought_up_to_date_and_foreign_ones_stay() {
        let old = "{\"mcpServers\": {\"orch\": {\"command\": \"/old/orchd\", \"args\": [\"mcp\"]}}}";
        let (with, found) = with_server(old, &server()).expect("usual");
        assert!(found == Found::Ours && with.contains("/d/bin/orchd") && !with.contains("/old"), "{with}");
        let own = "{\"mcpServers\": {\"orch\": {\"command\": \"/d/bin/orchd\", \"args\": [\"mcp\", \"--home\", \"/h\"], \"timeout\": 9}}}";
        assert_eq!(with_server(own, &server()), Ok((own.to_owned(), Found::Ours)), "what a user added stays");
        for foreign in [
            "{\"mcpServers\": {\"orch\": {\"command\": \"/usr/bin/orchestra\", \"args\": [\"mcp\"]}}}",
            "{\"mcpServers\": {\"orch\": {\"type\": \"http\", \"url\": \"http://127.0.0.1\"}}}",
            "{\"mcpServers\": {\"orch\": 7}}",
        ] {
            assert_eq!(with_server(foreign, &server()), Ok((foreign.to_owned(), Found::Foreign)));
            assert_eq!(without_server(foreign).as_deref(), Ok(foreign));
        }
    }

    #[test]
    fn what_is_unusual_is_refused_with_its_place() {
        for (text, place, what) in [
            ("{\"mcpServers\": 7}", (1, 16), "`mcpServers` is not an object"),
            ("{\"mcpServers\": {},\n\"mcpServers\": {}}", (2, 1), "`mcpServers` appears twice"),
            ("{\"mcpServers\": {\"orch\": 1,\n\"orch\": 2}}", (2, 1), "`orch` appears twice"),
            ("[]", (1, 1), "it is not an object"),
            ("{\"a\":1,}", (1, 8), "comments and trailing commas are not JSON"),
        ] {
            let problem = with_server(text, &server()).expect_err(text);
            assert_eq!(((problem.line, problem.column), problem.what.as_str()), (place, what), "{text}");
        }
    }
}
