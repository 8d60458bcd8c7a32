//! Groups of words that mean something to a head. A table made at compile time finds a token's groups by its hash.

use super::murmur::murmur3;

/// What the words of a group have in common; each group is one feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Group {
    /// Verbs of new things.
    Create,
    /// Verbs and nouns of defects.
    Fix,
    /// Verbs that take away.
    Remove,
    /// Verbs that move or name anew.
    Rename,
    /// Verbs of upkeep.
    Update,
    /// Verbs of restructuring.
    Restructure,
    /// Documents and prose.
    Docs,
    /// Tests.
    Tests,
    /// Speed and memory.
    Speed,
    /// Builds, dependencies, releases.
    Upkeep,
    /// Questions and requests to explain.
    Explain,
    /// Words that bind the answer.
    Constraint,
    /// Negations and exceptions.
    Negation,
    /// Everything, everywhere.
    Scope,
    /// Work known to be small.
    Small,
    /// Work known to be large.
    Large,
    /// Reasoning over quantities.
    Quantity,
    /// Interfaces between programs.
    Api,
    /// Performance as a trade.
    Performance,
    /// Security.
    Security,
    /// Databases.
    Database,
}

/// The last groups are trades: a text is about one more than about the others.
pub(super) const TRADES: usize = 4;

/// How many groups there are.
pub const GROUPS: usize = 21;

/// What the groups are called in reasons.
pub(super) const NAMES: [&str; GROUPS] = [
    "creation",
    "repair",
    "removal",
    "renaming",
    "upkeep",
    "restructuring",
    "documents",
    "tests",
    "speed",
    "builds",
    "explanation",
    "constraint",
    "negation",
    "scope",
    "small work",
    "large work",
    "quantity",
    "interfaces",
    "performance",
    "security",
    "databases",
];

/// The groups with their words.
const WORDS: [(Group, &str); GROUPS] = [
    (
        Group::Create,
        "add adds added adding allow allows build create creates enable enables expose generate implement \
         implements implementing initial introduce make new provide provides support supports write feature \
         offer extend",
    ),
    (
        Group::Fix,
        "avoid broken bug bugs correct correctly crash crashes ensure error errors exception fail failed \
         failing fails failure fix fixed fixes fixing handle incorrect incorrectly invalid issue missing \
         prevent properly regression repair resolve revert should workaround wrong unexpected leak infinite \
         doesn respect",
    ),
    (
        Group::Remove,
        "cleanup clean delete deprecate deprecated disable drop dropped remove removed removes removing strip \
         unused unnecessary redundant",
    ),
    (Group::Rename, "move moved rename renamed reorder replace replaced switch migrate relocate"),
    (Group::Update, "adjust bump change improve improved modify tweak update updated updates upgrade set use bumped"),
    (
        Group::Restructure,
        "abstract consolidate convert deduplicate extract inline merge refactor refactored refactoring \
         reorganize restructure rewrite simplify split unify reuse style format lint formatting decouple code",
    ),
    (
        Group::Docs,
        "changelog comment comments contributing doc docs document documentation documented example examples \
         grammar guide guides jsdoc link links mention note page readme sentence spelling tutorial typo typos \
         wording clarify website blog faq translation docblock explain reference section md",
    ),
    (
        Group::Tests,
        "assert assertion assertions coverage expect fixture fixtures flaky mock mocks snapshot snapshots \
         spec specs test tested testing tests testcase unit playground jest vitest regression case cases",
    ),
    (
        Group::Speed,
        "cache cached caching eager fast faster lazily lazy memory optimise optimization optimize optimized \
         optimizing parallel parallelize perf performance quick reduce reducing skip slow slower speed \
         speedup allocation allocations clone concurrently preload hoist memoize minimize once async \
         asynchronously avoid",
    ),
    (
        Group::Upkeep,
        "action actions bench benchmark bump ci commit config dep dependabot dependencies dependency deps \
         devdependencies eslint github gitignore license lockfile node package pin prettier publish release \
         renovate repo script scripts sponsors template version versions workflow workflows yarn lerna \
         monorepo tag changeset changesets issue_template",
    ),
    (Group::Explain, "analyze compare describe discuss explain how summarize what when where which who why"),
    (
        Group::Constraint,
        "always at between exactly given least most must only required requires shall strictly such without \
         if",
    ),
    (Group::Negation, "cannot can don except false least neither never no none nor not incorrect t"),
    (Group::Scope, "across all any both each entire every everything everywhere multiple various whole several"),
    (
        Group::Small,
        "bump comment default flag href label link log message minor missing nit one option sentence simple \
         small text tiny trivial typo typos url warning wording patch",
    ),
    (
        Group::Large,
        "architecture design engine framework infrastructure initial integrate integration major migrate \
         migration new overhaul plugin port prototype redesign refactor rework rewrite support system \
         implement mode epic investigate",
    ),
    (
        Group::Quantity,
        "angle area average calculate compute cost derivative determine distance energy equation estimate \
         find force function integral mass maximum minimum number percent pressure probability rate ratio \
         solve sum temperature total value velocity volume weight length radius",
    ),
    (
        Group::Api,
        "api apis contract contracts endpoint endpoints graphql grpc openapi pact postman rest restful sdk \
         sdks serializers swagger versioning webhook webhooks drf rpc trpc route routes versioned http \
         microservice microservices pagination idempotent soap insomnia hateoas client clients consumer \
         consumers backend",
    ),
    (
        Group::Performance,
        "apm bottleneck bottlenecks gatling jmeter latency load locust monitoring observability \
         optimization optimizer optimize optimizing performance profile profiling slo sli speed stress \
         throughput tracing tuning vitals slow sluggish scalability metrics seo rendering bundle slowly lag \
         cpu heap cache caching cdn lcp lighthouse flamegraph memory spike soak scale concurrency concurrent \
         tune optimized optimizes optimizations benchmark benchmarks benchmarking responsiveness reliability \
         profiler perf sre datadog prometheus grafana telemetry fast faster loading milliseconds ms requests",
    ),
    (
        Group::Security,
        "attack attacks audit auditor audits auth authentication authorization compliance compliant \
         cryptography csrf cve cybersecurity devsecops encryption exploit gdpr hardening hipaa injection iso \
         jwt kerberos malware oauth oidc owasp pci penetration pentest pentesting permissions privacy \
         risk secrets secure security soc threat threats token vulnerabilities vulnerability xss trust sso \
         saml keycloak sox stig certification firewall privilege privileged password passwords credential \
         credentials hacker sast dast scanning rbac certificate certificates tls ssl identity mitigation \
         mitigations breach breaches forensics phishing regulatory regulations harden siem iam vulnerable \
         secret audited ciso nist cis exploits exploitation guardrails sandbox",
    ),
    (
        Group::Database,
        "backup bigquery cassandra cockroachdb database databases db dba dynamodb elasticsearch index indexes \
         indexing joins mariadb migration migrations mongodb mssql mysql nosql oracle orm pgvector \
         postgres postgresql prisma queries query redis replication schema schemas sharding snowflake sql \
         sqlite supabase table tables transaction transactions vector warehouse activerecord sequelize \
         drizzle typeorm mongoose clickhouse timescaledb neon pinecone weaviate qdrant milvus plsql tsql \
         deadlock deadlocks couchdb rdbms oltp olap firestore cosmos sqlalchemy flyway liquibase \
         normalization partitioning",
    ),
];

/// Slots of the table; a power of two, at least twice the words.
const SLOTS: usize = 2048;

/// A word, as the place where it stands in [`WORDS`], and the groups that hold it. No groups: a free slot.
#[derive(Clone, Copy)]
struct Entry {
    from: u16,
    bytes: u8,
    group: u8,
    groups: u32,
}

impl Entry {
    const fn word(self) -> &'static [u8] {
        let (_, rest) = WORDS[self.group as usize].1.as_bytes().split_at(self.from as usize);
        rest.split_at(self.bytes as usize).0
    }
}

static TABLE: [Entry; SLOTS] = table();

#[expect(clippy::cast_possible_truncation, reason = "the test of all words would find one that is cut")]
const fn table() -> [Entry; SLOTS] {
    let mut slots = [Entry { from: 0, bytes: 0, group: 0, groups: 0 }; SLOTS];
    let mut group = 0;
    while group < WORDS.len() {
        let words = WORDS[group].1.as_bytes();
        let mut from = 0;
        while from < words.len() {
            let mut end = from;
            while end < words.len() && words[end] != b' ' {
                end += 1;
            }
            let entry = Entry { from: from as u16, bytes: (end - from) as u8, group: group as u8, groups: 1 << group };
            let slot = slot_of(&slots, entry.word(), murmur3(entry.word()));
            let groups = slots[slot].groups | entry.groups;
            slots[slot] = Entry { groups, ..entry };
            from = end + 1;
        }
        group += 1;
    }
    slots
}

/// Returns the slot that holds the word, or the free one where it would stand.
const fn slot_of(slots: &[Entry; SLOTS], word: &[u8], hash: u32) -> usize {
    let mut slot = hash as usize % SLOTS;
    while slots[slot].groups != 0 && !same(slots[slot].word(), word) {
        slot = (slot + 1) % SLOTS;
    }
    slot
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Returns the groups that hold a word, one bit each. `hash` is the word's.
pub(super) fn groups_of(word: &[u8], hash: u32) -> u32 {
    TABLE[slot_of(&TABLE, word, hash)].groups
}

#[cfg(test)]
mod tests {
    use super::super::features::tokens;
    use super::*;

    #[test]
    fn every_word_is_found_in_its_groups_and_no_other() {
        let mut entries = 0;
        for (place, (group, words)) in WORDS.iter().enumerate() {
            assert_eq!(*group as usize, place);
            for word in words.split(' ') {
                assert_ne!(groups_of(word.as_bytes(), murmur3(word.as_bytes())) & (1 << *group as u8), 0, "{word}");
                let mut found = 0;
                tokens(word, |_| found += 1);
                assert_eq!(found, 1, "no text holds the word {word}");
                entries += 1;
            }
        }
        assert!(entries * 2 < SLOTS, "{entries} words");
        assert_eq!(groups_of(b"bump", murmur3(b"bump")).count_ones(), 3);
        for word in ["", "kangaroo", "Fix"] {
            assert_eq!(groups_of(word.as_bytes(), murmur3(word.as_bytes())), 0, "{word}");
        }
    }
}
