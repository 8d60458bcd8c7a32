//! Kinds of secrets, by shape and by context.

use super::draw::Draw;
use super::{PLACEMENTS, redacted, strings};

/// Exact shapes: hidden wherever they stand.
#[rustfmt::skip]
const SHAPES: &[(&str, &str)] = &[
    ("aws id", "=AKIA U16"), ("aws temporary id", "=ASIA U16"), ("github", "=ghp_ A36"), ("github oauth", "=gho_ A36"),
    ("github user", "=ghu_ A36"), ("github app", "=ghs_ A36"), ("github refresh", "=ghr_ A36"),
    ("github fine", "=github_pat_ A22 =_ A59"), ("gitlab", "=glpat- T20"), ("gitlab trigger", "=glptt- H40"),
    ("gitlab runner", "=glrt- T20"), ("gitlab deploy", "=gldt- T20"), ("anthropic", "=sk-ant-api03- T93 =AA"),
    ("anthropic admin", "=sk-ant-admin01- T93 =AA"), ("anthropic oauth", "=sk-ant-oat01- T80"),
    ("openai", "=sk- A20 =T3BlbkFJ A20"), ("openai project", "=sk-proj- T74 =T3BlbkFJ T74"), ("openai service", "=sk-svcacct- T60"),
    ("openrouter", "=sk-or-v1- H64"), ("google", "=AIza T35"), ("google oauth", "=ya29. T80"), ("google client", "=GOCSPX- T28"),
    ("huggingface", "=hf_ A34"), ("slack bot", "=xoxb- D12 =- D12 =- A24"), ("slack user", "=xoxp- D12 =- D12 =- D12 =- H32"),
    ("slack app", "=xapp-1- U11 =- D13 =- H64"), ("slack webhook", "=hooks.slack.com/services/T U8 =/B U8 =/ A24"),
    ("stripe", "=sk_live_ A24"), ("stripe restricted", "=rk_live_ A24"), ("stripe test", "=sk_test_ A24"), ("stripe webhook", "=whsec_ A32"),
    ("npm", "=npm_ A36"), ("pypi", "=pypi-AgEIcHlwaS5vcmc T120"), ("sendgrid", "=SG. T22 =. T43"), ("digitalocean", "=dop_v1_ H64"),
    ("vault", "=hvs. T90"), ("vault batch", "=hvb. T138"), ("jwt", "=eyJ A33 =.eyJ T60 =. T43"), ("telegram", "=7 D8 =:AA T33"),
    ("docker", "=dckr_pat_ T27"), ("shopify", "=shpat_ H32"), ("twilio", "=SK H32"), ("mailgun", "=key- H32"),
    ("linear", "=lin_api_ A40"), ("notion", "=ntn_ A46"), ("notion old", "=secret_ A43"), ("databricks", "=dapi H32"),
    ("discord", "=M A23 =. T6 =. T38"), ("square", "=sq0atp- T22"), ("new relic", "=NRAK- U27"), ("grafana", "=glsa_ A32 =_ H8"),
    ("grafana cloud", "=glc_ B60"), ("doppler", "=dp.pt. A43"), ("planetscale", "=pscale_tkn_ T43"), ("age", "=AGE-SECRET-KEY-1 U58"),
    ("airtable", "=pat A14 =. H64"), ("sentry", "=sntryu_ H64"), ("figma", "=figd_ T40"), ("circleci", "=CCIPAT_ A22 =_ H40"),
    ("netlify", "=nfp_ A36"), ("supabase", "=sbp_ H40"), ("groq", "=gsk_ A52"), ("perplexity", "=pplx- A48"), ("replicate", "=r8_ A37"),
    ("xai", "=xai- A80"), ("postman", "=PMAK- H24 =- H34"), ("pulumi", "=pul- H40"), ("rubygems", "=rubygems_ H48"),
    ("terraform", "A14 =.atlasv1. T67"), ("azure client", "A3 =8Q~ T34"), ("mailchimp", "H32 =-us12"), ("atlassian", "=ATATT3xFfGF0 T180"),
    ("bitbucket", "=ATBB A32"), ("tailscale", "=tskey-auth- A17 =- A32"), ("dynatrace", "=dt0c01. U24 =. U64"), ("brevo", "=xkeysib- H64 =- A16"),
    ("alibaba", "=LTAI A20"), ("sonar", "=squ_ H40"), ("nvidia", "=nvapi- T64"), ("langsmith", "=lsv2_pt_ H32 =_ H10"),
    ("pinecone", "=pcsk_ A6 =_ A60"), ("crates", "=cio A32"), ("discord webhook", "=discord.com/api/webhooks/ D18 =/ T68"),
];

/// What a shape can stand in; `@` is its place.
const AROUND: &[&str] = &[
    "@",
    "see @.",
    "X='@'",
    "x=\"@\"",
    "tool --flag @ --next",
    "curl -H 'X-Custom: @' https://a.example",
    "https://a.example/x?q=@&r=1",
    "value: @",
    "(@)",
    "`@`",
    "{\"value\": \"@\"}",
    "a,@,b",
    "https://@@host.example/x",
    "q%3D@",
    "<v>@</v>",
    "[@]",
];

/// What hides any value by its context; `@` is the value.
#[rustfmt::skip]
const CONTEXTS: &[&str] = &[
    "psql postgres://app:@@db.example:5432/prod", "redis-cli -u redis://:@@cache.example:6379/0", "git push https://deploy:@@git.example/x.git",
    "amqp://user:@@mq.example/vhost", "mongodb+srv://root:@@c0.example/db?retryWrites=true", "curl -u admin:@ https://api.example/v1",
    "curl --user 'admin:@' https://api.example", "curl -x http://u:@@proxy.example:3128 https://x.example", "mysql -uroot -p@ -e 'select 1'",
    "mysqldump -h db -u root -p@ shop > /tmp/x.sql", "mysqladmin -p@ status", "mariadb -u root --password=@ shop", "PGPASSWORD=@ pg_dump prod",
    "MYSQL_PWD=@ mysql", "export DB_PASSWORD='@'", "export DB_PASS=\"@\" && run", "mytool --password=@ --user bob", "mytool --password @ --user bob",
    "mytool --db-password '@'", "tool --token @ x", "tool --api-key=@", "tool --client-secret \"@\"", "API_SECRET=@", "SECRET_KEY='@'", "MY_TOKEN=@",
    "STRIPE_API_KEY=@", "spring.datasource.password=@", "my db password is: @ can you connect?", "the password is \"@\" ok",
    "curl -H \"Authorization: Basic @\" https://x.example", "curl -H 'Authorization: Bearer @' https://x.example",
    "curl -H \"Authorization: token @\" https://x.example", "curl -H 'X-Api-Key: @' https://x.example", "curl -H \"PRIVATE-TOKEN: @\" https://x.example",
    "curl -H 'X-Vault-Token: @' https://x.example", "curl -b \"sessionid=@\" https://x.example/", "curl -b 'a=b; sid=@' https://x.example/",
    "curl -H 'Cookie: session=@; theme=dark' https://x.example", "Set-Cookie: sid=@; Path=/; HttpOnly", "docker login -u acme -p @",
    "docker login --username acme --password @ registry.example", "podman login -u a -p '@' quay.example", "twine upload -u __token__ -p @ dist/*",
    "sshpass -p @ ssh host", "sshpass -p'@' ssh host", "redis-cli -a @ ping", "ldapsearch -x -w @ -b dc=x", "zip -P @ x.zip y",
    "curl -d '{\"client_secret\":\"@\",\"grant_type\":\"client_credentials\"}' https://id.example/token", "{\"password\": \"@\"}",
    "{\"db\": {\"user\": \"a\", \"password\":\"@\"}}", "{'api_key': '@'}", "{\"accessToken\":\"@\"}", "{\"Authorization\": \"Bearer @\"}",
    "Server=db;Database=x;User Id=sa;Password=@;Encrypt=true", "Server=db;Uid=sa;Pwd=@;", "jdbc:postgresql://h/db?user=u&password=@&ssl=true",
    "AccountName=acct;AccountKey=@;EndpointSuffix=core.windows.net", "Endpoint=sb://x.example/;SharedAccessKeyName=r;SharedAccessKey=@",
    "machine api.example login bob password @", "const password = \"@\";", "password: \"@\"", "  password: @", "db_password = '@'", "api_key := \"@\"",
    "os.environ[\"API_TOKEN\"] = \"@\"", "'password' => '@',", "<password>@</password>", "ALTER USER app WITH PASSWORD '@';",
    "CREATE USER a IDENTIFIED BY '@';", "aws configure set aws_secret_access_key @", "//registry.npmjs.org/:_authToken=@", "helm install --set db.password=@ x",
    "kubectl create secret generic x --from-literal=password=@", "https://x.example/cb?access_token=@&state=1", "https://x.example/cb?state=1#access_token=@",
    "docker run -e POSTGRES_PASSWORD=@ postgres", "[\"--password\", \"@\"]", "export AWS_SECRET_ACCESS_KEY=@", "AWS_SESSION_TOKEN=\"@\" terraform plan",
    "http POST x.example token=@", "set PASSWORD=@", "$env:API_KEY = \"@\"", "ENV APP_SECRET @", "passphrase: '@'", "wget --password=@ https://x.example",
];

/// Values that people and programs make.
const VALUES: &[&str] =
    &["A16", "A24", "A40", "=Fake A14", "=Fake- T15", "=Fake! A13", "H40", "B40", "L4 D4 U2 =x9", "T64"];

fn hides(text: &str, value: &str) -> Vec<String> {
    let core: String = value.chars().skip(value.len() / 4).take(value.len() / 2).collect();
    let leaks = |&&(_, placed): &&super::Placement| {
        let payload = redacted(&placed(text));
        strings(&payload).iter().any(|text| text.contains(&core))
    };
    PLACEMENTS.iter().filter(leaks).map(|(name, _)| format!("{name}: {text}")).collect()
}

#[test]
fn exact_shapes_are_hidden_everywhere() {
    let mut draw = Draw::new(1);
    let mut leaked = Vec::new();
    for (kind, pattern) in SHAPES {
        for around in AROUND {
            let value = draw.fill(pattern);
            leaked.extend(hides(&replaced(around, &value), &value).into_iter().map(|leak| format!("{kind}: {leak}")));
        }
    }
    assert!(leaked.is_empty(), "{} leaks:\n{}", leaked.len(), leaked.join("\n"));
}

/// Puts the value in for the first `@` that is alone or the first of two.
fn replaced(template: &str, value: &str) -> String {
    template.replacen('@', value, 1)
}

#[test]
fn contexts_hide_any_value() {
    let mut draw = Draw::new(2);
    let (mut leaked, mut tried) = (Vec::new(), 0);
    for context in CONTEXTS {
        for pattern in VALUES {
            let value = draw.fill(pattern);
            tried += PLACEMENTS.len();
            leaked.extend(hides(&replaced(context, &value), &value));
        }
    }
    // Words without a sign of chance behind a loose operator are left on purpose.
    assert!(leaked.len() * 200 <= tried, "{} of {tried} leaked:\n{}", leaked.len(), leaked.join("\n"));
}

#[test]
fn private_keys_are_hidden_whole_and_cut_off() {
    let mut draw = Draw::new(3);
    for label in [
        "RSA PRIVATE KEY",
        "PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "EC PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
    ] {
        let mut lines: Vec<String> = (0..6).map(|_| draw.fill("B64")).collect();
        lines.push(draw.fill("B22 ==="));
        let body = lines.join("\n");
        let whole = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\nEOF");
        let cut = format!("-----BEGIN {label}-----\n{body}");
        let end = format!("{body}\n-----END {label}-----\nEOF");
        let indented = format!("key: |\n  {}\n  -----END {label}-----\n", lines.join("\n  "));
        for text in [whole, cut, end, indented] {
            for (name, placed) in PLACEMENTS {
                let found = strings(&redacted(&placed(&text)));
                let leaks = |line: &String| found.iter().any(|text| text.contains(&line[..16]));
                assert!(!lines.iter().any(leaks), "{label} in {name}: {found:?}");
            }
        }
    }
}

#[test]
fn an_aws_secret_beside_its_id_is_hidden() {
    let mut draw = Draw::new(4);
    for between in [",", " ", "\n", "\t", " / "] {
        let (id, secret) = (draw.fill("=AKIA U16"), draw.fill("=w9 B38"));
        let text = format!("{id}{between}{secret}");
        assert!(hides(&text, &secret).is_empty(), "{text}: {}", redacted(&super::command(&text)));
    }
}

#[test]
fn a_closing_line_takes_no_prose_with_it() {
    for text in [
        "the file ends with\n-----END RSA PRIVATE KEY-----",
        "-----END RSA PRIVATE KEY-----",
        "internationalization\n\n-----END CERTIFICATE-----",
        "abc\nshort\n-----END RSA PRIVATE KEY-----",
    ] {
        let payload = super::command(text);
        assert_eq!(redacted(&payload), payload, "{text}");
    }
}

#[test]
fn a_password_that_ends_like_a_name_is_hidden_in_every_spelling() {
    let mut leaked = Vec::new();
    for value in [
        "hunter2secret",
        "plum4token",
        "donkey7key",
        "abc9password",
        "Hunter2Secret",
        "blue-5-key",
        "mysecret",
        "my.dog",
    ] {
        for context in [
            "password=@",
            "passwd=@",
            "connect --password=@",
            "connect --password=@ --force",
            "connect --password @",
            "password: @",
            "{\"password\":\"@\"}",
            "{\"password\": \"@\", \"user\": \"x\"}",
            "password = \"@\"",
            "DB_PASSWORD=@",
            "https://x.example/?password=@&next=1",
            "Server=db;Password=@;Encrypt=true",
            "<password>@</password>",
        ] {
            let text = replaced(context, value);
            // Behind a colon and a space, words without a digit in them are prose or program text.
            let is_code = matches!(value, "my.dog" | "mysecret" | "blue-5-key") && context == "password: @";
            leaked.extend(hides(&text, value).into_iter().filter(|_| !is_code));
        }
    }
    assert!(leaked.is_empty(), "{} leaks:\n{}", leaked.len(), leaked.join("\n"));
}
