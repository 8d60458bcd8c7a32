use super::*;
use crate::local_model::LocalEndpoint;
use crate::local_model::{Kind, Loaded, Model};

const LM_STUDIO: &str = "http://127.0.0.1:1234";
const OLLAMA: &str = "http://127.0.0.1:11434";
const NOW: Micros = 1_795_338_600_000_000;

fn endpoint(url: &str, token: Option<&str>, model: Option<&str>) -> Endpoint {
    let endpoint = Endpoint::new(url).expect("an address");
    Endpoint { token: token.and_then(Token::new), model: model.map(str::to_owned), ..endpoint }
}

fn settings(endpoints: &[Endpoint]) -> Local {
    let entry = |endpoint: &Endpoint| LocalEndpoint { endpoint: endpoint.clone(), token_file: None };
    Local { endpoints: endpoints.iter().map(entry).collect(), ..Local::default() }
}

fn health(state: State, url: &str, model: Option<&str>) -> LocalModelHealth {
    let model = model.map(|id| Model {
        id: id.to_owned(),
        loaded: Loaded::Yes,
        context_tokens: Some(8192),
        max_context_tokens: None,
        quantization: None,
        size_bytes: None,
    });
    let health = Health { model, kind: Some(Kind::LmStudio), ..Health::unknown(state, url, NOW) };
    LocalModelHealth::from(&Health { checked_at: Some(NOW - 12_300_000), ..health })
}

#[test]
fn the_command_line_wins_over_the_settings() {
    let (first, second) = (endpoint(LM_STUDIO, Some("one"), Some("r1*")), endpoint(OLLAMA, None, None));
    let both = settings(&[first.clone(), second.clone()]);
    let of = |said: &Said| servers(said, &both);
    assert_eq!(of(&Said::default()), Servers::Known(vec![first.clone(), second.clone()]));
    let named = |url, token: Option<&str>| Said {
        server: Some(endpoint(url, None, None)),
        token: token.and_then(Token::new),
        ..Said::default()
    };
    assert_eq!(of(&named(OLLAMA, None)), Servers::Known(vec![second.clone()]));
    assert_eq!(of(&named(LM_STUDIO, None)), Servers::Known(vec![first.clone()]), "with its own token");
    let expected = endpoint(LM_STUDIO, Some("two"), Some("r1*"));
    assert_eq!(of(&named(LM_STUDIO, Some("two"))), Servers::Known(vec![expected]));
    let stranger = endpoint("http://127.0.0.1:8080", Some("two"), None);
    assert_eq!(of(&named("http://127.0.0.1:8080", Some("two"))), Servers::Stranger(stranger));
    let model = Said { model: Some("qwen".into()), ..Said::default() };
    let Servers::Known(meant) = of(&model) else { panic!("known") };
    assert!(meant.iter().all(|server| server.model.as_deref() == Some("qwen")));
}

#[test]
fn a_token_of_the_environment_reaches_one_server_only() {
    let (first, second) = (endpoint(LM_STUDIO, None, None), endpoint(OLLAMA, None, None));
    let said = Said { token: Token::new("secret"), ..Said::default() };
    let alone = servers(&said, &settings(std::slice::from_ref(&first)));
    assert_eq!(alone, Servers::Known(vec![endpoint(LM_STUDIO, Some("secret"), None)]));
    assert_eq!(servers(&said, &settings(&[first.clone(), second.clone()])), Servers::Known(vec![first, second]));
}

#[test]
fn none_is_asked_where_none_is_to_be_looked_for_but_one_that_is_named() {
    let off = Local { enabled: false, ..settings(&[endpoint(LM_STUDIO, None, None)]) };
    assert_eq!(servers(&Said::default(), &off), Servers::Known(Vec::new()));
    let named = Said { server: Some(endpoint(LM_STUDIO, None, None)), ..Said::default() };
    assert_eq!(servers(&named, &off), Servers::Known(vec![endpoint(LM_STUDIO, None, None)]));
}

#[test]
fn what_the_daemon_knows_is_enough_where_it_answers_the_question() {
    let servers = [endpoint(LM_STUDIO, None, None)];
    let model = |name: Option<&str>| Said { model: name.map(str::to_owned), ..Said::default() };
    for (state, url, known, asked, expected) in [
        (State::Ready, LM_STUDIO, Some("r1"), None, true),
        (State::Ready, LM_STUDIO, Some("r1"), Some("r1"), true),
        (State::Ready, LM_STUDIO, Some("r1"), Some("qwen"), false),
        (State::Ready, OLLAMA, Some("r1"), None, false),
        (State::Loading, LM_STUDIO, Some("r1"), Some("qwen"), false),
        (State::Loading, LM_STUDIO, None, Some("qwen"), true),
        (State::Down, LM_STUDIO, None, Some("qwen"), true),
        (State::WrongServer, LM_STUDIO, None, None, true),
        (State::NeedsToken, LM_STUDIO, None, None, false),
        (State::NoModel, LM_STUDIO, None, None, false),
        (State::Unknown, LM_STUDIO, None, None, false),
        (State::Off, "", None, None, false),
    ] {
        let found = is_enough(&health(state, url, known), &servers, &model(asked));
        assert_eq!(found, expected, "{state:?} at {url} with {known:?}, asked for {asked:?}");
    }
}

#[test]
fn the_server_that_counts_is_asked_with_its_token_and_model() {
    let servers = [endpoint(OLLAMA, None, None), endpoint(LM_STUDIO, Some("one"), Some("r1*"))];
    let place = judge(&health(State::Ready, LM_STUDIO, Some("deepseek-r1")), &servers, &Said::default(), NOW);
    assert_eq!(place.endpoint, endpoint(LM_STUDIO, Some("one"), Some("deepseek-r1")));
    assert_eq!((place.context_tokens, place.refused.is_none()), (Some(8192), true));
    let said = Said { context_tokens: Some(100), ..Said::default() };
    let place = judge(&health(State::Ready, LM_STUDIO, Some("r1")), &servers, &said, NOW);
    assert_eq!(place.context_tokens, Some(100), "the command line wins");
    for (state, model, expected) in [(State::Loading, None, None), (State::NoModel, Some("r1-new"), Some("r1-new"))] {
        let said = Said { model: model.map(str::to_owned), ..Said::default() };
        let servers = servers.clone().map(|server| Endpoint { model: said.model.clone().or(server.model), ..server });
        let place = judge(&health(state, LM_STUDIO, None), &servers, &said, NOW);
        assert_eq!((place.endpoint.model.as_deref(), place.refused.is_none()), (expected, true), "{state:?}");
    }
}

#[test]
fn a_pattern_is_never_sent_as_a_name() {
    let said = Said { model: Some("r1*".to_owned()), ..Said::default() };
    let servers = [endpoint(LM_STUDIO, None, Some("r1*"))];
    for state in [State::Ready, State::NoModel, State::Busy] {
        let place = judge(&health(state, LM_STUDIO, None), &servers, &said, NOW);
        let refused = place.refused.expect("refused").to_string();
        assert_eq!((place.endpoint.model, &*refused), (None, "no model of the server fits r1*"), "{state:?}");
    }
    let place = judge(&health(State::Ready, LM_STUDIO, Some("r1-small")), &servers, &said, NOW);
    assert_eq!((place.endpoint.model.as_deref(), place.refused.is_none()), (Some("r1-small"), true));
}

#[test]
fn a_server_of_no_use_is_refused_in_words() {
    let servers = [endpoint(LM_STUDIO, None, None)];
    let lines = [State::Down, State::WrongServer, State::NeedsToken, State::NoModel, State::Off].map(|state| {
        let health = LocalModelHealth { checked_at: None, ..health(state, LM_STUDIO, None) };
        let refused = judge(&health, &servers, &Said::default(), NOW).refused.expect("of no use");
        assert!(!refused.hint().is_empty());
        format!("{}: {refused}", refused.reason())
    });
    insta::assert_snapshot!(lines.join("\n"), @r"
    unreachable: http://127.0.0.1:1234 is down
    wrong_server: http://127.0.0.1:1234 is a wrong server
    needs_token: http://127.0.0.1:1234 needs a token
    no_model: LM Studio at http://127.0.0.1:1234 is up without a model
    off: off, as config.toml says
    ");
    let refused = judge(&health(State::Down, LM_STUDIO, None), &servers, &Said::default(), NOW).refused;
    assert!(refused.expect("down").to_string().ends_with("is down (looked at 12 s ago)"));
}
