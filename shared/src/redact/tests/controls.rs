//! What only looks like a secret, or speaks of one, stays as it is.

use super::{PLACEMENTS, strings};
use crate::redact::redact;

#[rustfmt::skip]
const CONTROLS: &[&str] = &[
    "git show 3f2504e04f8911d39a0c0305e82c33010fa4e123", "git diff 3f2504e..0fa4e12 -- src/main.rs", "ls builds/0b5e4b3a-1c2d-4e5f-8a9b-0c1d2e3f4a5b",
    "curl -H \"Authorization: Bearer $TOKEN\" -u \"$USER:$PASS\" https://x.example", "curl -H 'Authorization: Bearer ${API_TOKEN}' https://x.example",
    "grep -rn \"password reset\" src/", "the password reset page is broken", "please add a password field to the form", "forgot password? click here",
    "\"integrity\": \"sha512-uOP9XGDsEmn/cERH4nI/pAW/EoaN0ZFoZkWmikUqH83nZ0Bq3S+8eMJH4ESUODnRAXg1M4nkpSSAif7ZCrzx7W==\"",
    "pip install sk-learn-extra", "cat /home/dev/app/src/very/long/module/name/token_bucket_rate_limiter_test.rs",
    "docker pull x@sha256:a807aaa68a1af7d781a723f6e803f53bcab1d91fbc7ea14a0ac940d144e1d0bc",
    "echo \"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI2iJZXOIshfzOfa4akal4oQZcZkLKla30dxyBaWDUkgx dev@host\" >> authorized_keys",
    "cargo run -- --max-tokens 4096 --tokenizer bpe", "{\"max_tokens\": 4096, \"total_tokens\": 123456}", "PASSWORD=$DB_PASSWORD ./run.sh",
    "export TOKEN=$(cat /run/secrets/token)", "password: ${{ secrets.DB_PASSWORD }}", "const token = await getToken();", "let token = self.next_token();",
    "token = parser.next_token()", "fn login(password: &str, token: Option<String>) -> Result<()>", "interface A { password: string; token?: string }",
    "password = os.environ[\"DB_PASSWORD\"]", "apiKey: process.env.OPENAI_API_KEY", "token: CancellationToken", "if (token === null) return", "token != nil",
    "--password-stdin < file", "curl -b cookies.txt https://x.example", "docker run -p 8080:80 -u 1000:1000 nginx", "mkdir -p /tmp/x/y", "ssh -p 2222 host",
    "cp -p a b", "git log -p --stat", "ps -u root", "python -u script.py", "https://example.com:8080/path@v1.2.3/file", "https://x.example/@scope/pkg",
    "git@github.com:acme/app.git", "npm install @types/node@20.1.0", "user:group", "chown www-data:www-data /srv", "PWD=/home/dev/app OLDPWD=/tmp",
    "key: value", "sort_key = \"created_at\"", "primary_key: true", "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "class=\"btn btn-primary\" id=\"password\"", "<input type=\"password\" name=\"password\">", "label for=password", "Basic usage is described below",
    "Bearer authentication is required", "token_count = len(tokens)", "expected token ';' at line 4", "unexpected token in JSON", "secret santa list",
    "Cargo.lock checksum = \"3f2504e04f8911d39a0c0305e82c330100aa11bb22cc33dd44ee55ff66778899\"", "1700000000:2026-01-01T00:00:00Z", "12345678:90:ab",
    "the token is expired", "the password is wrong", "your password is too short", "keyboard shortcuts: ctrl-c", "session_id: 7bf11761-7edd-4e23-a646-412f969a6a67",
    "monkey=banana compass=north bypass=yes", "cat .env.example | grep API_KEY=your_api_key_here", "API_KEY=<your key>", "PASSWORD=********", "TOKEN=xxxxxxxx",
    "kubectl get secret my-secret -o yaml", "gh auth token", "aws sts get-session-token", "vault token lookup", "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----", "SELECT password FROM users WHERE id = 1",
    "assert response.json()[\"token\"] is not None", "self.token = token", "password=password, username=username", "headers = {'Authorization': f'Bearer {token}'}",
    "`Authorization: Bearer ${token}`", "eyJ is how a JWT starts", "AKIA is a prefix", "use ghp_ tokens", "sk-", "let x: HashMap<String, Token> = map;", "skip-to-content-link-for-accessibility",
    "sk_buff_alloc_with_frags_and_more", "hf_hub_download(repo_id, filename)", "npm_config_registry=https://registry.npmjs.org/", "npm_package_version_number_from_manifest",
    "connect(password=creds.value, token=accessToken)", "f(password=conf.pw)", "password=args.db_password", "password: Vec2",
    "{\"passwordField\": \"newPassword\", \"password\": \"new_password\", \"token\": \"access_token\"}", "passwd=passphrase",
    "glib-2.0 glut-dev gldt-", "pat_matching_rules.rs", "dapi_client_module_name", "live_reload_is_enabled_for_this", "re_path(r'^admin/', include(x))", "SKU12345 SKIP MARK NOTE OPEN",
    "MainActivity.onCreate.super.this.is.a.long.dotted.name.of.things", "NSApplicationDelegateAdaptor.swift.MyVeryLongApplicationName",
];

#[test]
fn controls_are_unharmed() {
    let mut harmed = Vec::new();
    for control in CONTROLS {
        for (name, placed) in PLACEMENTS {
            let payload = placed(control);
            let redacted = redact(payload.as_bytes());
            if redacted.count > 0 || *redacted.payload != *payload.as_bytes() {
                let text = strings(&String::from_utf8_lossy(&redacted.payload)).join(" | ");
                harmed.push(format!("{name}: {control} -> {text}"));
            }
        }
    }
    assert!(harmed.is_empty(), "{} harmed:\n{}", harmed.len(), harmed.join("\n"));
}
