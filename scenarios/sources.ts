/**
 * Works that more than one scenario rests on.
 */
import type { Source } from 'faultline';

const ENVOY_UPSTREAM = 'https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream';

export const RAFT_PAPER: Source = {
  title: 'Ongaro & Ousterhout: In Search of an Understandable Consensus Algorithm (2014)',
  url: 'https://raft.github.io/raft.pdf',
};

export const RAFT_DISSERTATION: Source = {
  title: 'Ongaro: Consensus: Bridging Theory and Practice (dissertation, 2014)',
  url: 'https://github.com/ongardie/dissertation',
};

export const PAXOS_MADE_SIMPLE: Source = {
  title: 'Lamport: Paxos Made Simple (2001)',
  url: 'https://lamport.azurewebsites.net/pubs/paxos-simple.pdf',
};

export const FLEXIBLE_PAXOS: Source = {
  title: 'Howard, Malkhi & Spiegelman: Flexible Paxos: Quorum intersection revisited (2016)',
  url: 'https://arxiv.org/abs/1608.06696',
};

export const OMNI_PAXOS: Source = {
  title: 'Ng, Haridi & Carbone: Omni-Paxos: Breaking the Barriers of Partial Connectivity (2023)',
  url: 'https://dl.acm.org/doi/10.1145/3552326.3587441',
};

export const METASTABLE: Source = {
  title: 'Huang et al.: Metastable Failures in the Wild (OSDI 2022)',
  url: 'https://www.usenix.org/conference/osdi22/presentation/huang-lexiang',
};

export const SRE_CASCADING: Source = {
  title: 'Site Reliability Engineering, chapter 22: Addressing Cascading Failures',
  url: 'https://sre.google/sre-book/addressing-cascading-failures/',
};

export const BUILDERS_LIBRARY_RETRIES: Source = {
  title: 'Brooker: Timeouts, retries and backoff with jitter (Amazon Builders’ Library)',
  url: 'https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/',
};

export const POWER_OF_TWO: Source = {
  title: 'Mitzenmacher: The Power of Two Choices in Randomized Load Balancing (2001)',
  url: 'https://www.eecs.harvard.edu/~michaelm/postscripts/tpds2001.pdf',
};

export const FINAGLE_BALANCERS: Source = {
  title: 'Finagle: Clients, load balancing (least loaded, peak EWMA)',
  url: 'https://twitter.github.io/finagle/guide/Clients.html#load-balancing',
};

export const ENVOY_BALANCERS: Source = {
  title: 'Envoy: Supported load balancers',
  url: `${ENVOY_UPSTREAM}/load_balancing/load_balancers`,
};

export const HAPROXY_CHECKS: Source = {
  title: 'HAProxy: Configuration Manual, check, inter, rise and fall',
  url: 'https://docs.haproxy.org/3.0/configuration.html#5.2-check',
};

export const ENVOY_OUTLIERS: Source = {
  title: 'Envoy: Outlier detection',
  url: `${ENVOY_UPSTREAM}/outlier`,
};

export const RELEASE_IT: Source = {
  title: 'Nygard: Release It!, second edition (2018), chapters 4 and 5',
  url: 'https://pragprog.com/titles/mnee2/release-it-second-edition/',
};

export const RESILIENCE4J: Source = {
  title: 'resilience4j: CircuitBreaker, Bulkhead',
  url: 'https://resilience4j.readme.io/docs/circuitbreaker',
};

export const BULKHEAD_AZURE: Source = {
  title: 'Azure Architecture Center: Bulkhead pattern',
  url: 'https://learn.microsoft.com/en-us/azure/architecture/patterns/bulkhead',
};

export const FINAGLE_BUDGET: Source = {
  title: 'Finagle: RetryBudget',
  url: 'https://twitter.github.io/finagle/guide/Clients.html#retries',
};

export const SRE_OVERLOAD: Source = {
  title: 'Site Reliability Engineering, chapter 21: Handling Overload',
  url: 'https://sre.google/sre-book/handling-overload/',
};

export const TAIL_AT_SCALE: Source = {
  title: 'Dean & Barroso: The Tail at Scale (Communications of the ACM, 2013)',
  url: 'https://research.google/pubs/the-tail-at-scale/',
};

export const CODEL_RFC: Source = {
  title: 'Nichols & Jacobson: Controlled Delay Active Queue Management (RFC 8289)',
  url: 'https://www.rfc-editor.org/rfc/rfc8289',
};

export const FAIL_AT_SCALE: Source = {
  title: 'Maurer: Fail at Scale (ACM Queue, 2015)',
  url: 'https://queue.acm.org/detail.cfm?id=2839461',
};

export const GRPC_DEADLINES: Source = {
  title: 'gRPC: Deadlines',
  url: 'https://grpc.io/docs/guides/deadlines/',
};

export const GO_DATABASE_SQL: Source = {
  title: 'Go: Managing database connections',
  url: 'https://go.dev/doc/database/manage-connections',
};

export const CLOUDFLARE_COUNTERS: Source = {
  title: 'Desgats: How we built rate limiting capable of scaling to millions of domains (2017)',
  url: 'https://blog.cloudflare.com/counting-things-a-lot-of-different-things/',
};

export const REDIS_INCR: Source = {
  title: 'Redis: INCR, patterns of rate limiters',
  url: 'https://redis.io/docs/latest/commands/incr/',
};

export const STRIPE_LIMITERS: Source = {
  title: 'Tarjan: Scaling your API with rate limiters (Stripe, 2017)',
  url: 'https://stripe.com/blog/rate-limiters',
};

export const REDIS_SCRIPTS: Source = {
  title: 'Redis: Scripting with Lua (scripts run atomically)',
  url: 'https://redis.io/docs/latest/develop/programmability/eval-intro/',
};

export const AWS_BACKOFF: Source = {
  title: 'Brooker: Exponential Backoff And Jitter (AWS Architecture Blog, 2015)',
  url: 'https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/',
};

export const GRPC_BALANCING: Source = {
  title: 'gRPC: Load balancing (per call, not per connection)',
  url: 'https://grpc.io/blog/grpc-load-balancing/',
};

export const NGINX_SMOOTH: Source = {
  title: 'nginx: Upstream: smooth weighted round-robin balancing (commit 52327e0, 2012)',
  url: 'https://github.com/nginx/nginx/commit/52327e0627f49dbda1e8db695e63a4b0af4448b1',
};

export const ENVOY_PANIC: Source = {
  title: 'Envoy: Panic threshold',
  url: `${ENVOY_UPSTREAM}/load_balancing/panic_threshold`,
};

export const ENVOY_SLOW_START: Source = {
  title: 'Envoy: Slow start mode',
  url: `${ENVOY_UPSTREAM}/load_balancing/slow_start`,
};

export const OLD_INFORMATION: Source = {
  title: 'Mitzenmacher: How Useful Is Old Information? (IEEE TPDS 11(1), 2000)',
};

export const HTTP_429: Source = {
  title: 'RFC 6585, section 4: 429 Too Many Requests',
  url: 'https://www.rfc-editor.org/rfc/rfc6585#section-4',
};

export const HTTP_RETRY_AFTER: Source = {
  title: 'RFC 9110, section 10.2.3: Retry-After',
  url: 'https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3',
};

export const MEMCACHED_PROTOCOL: Source = {
  title: 'memcached: protocol (get of several keys)',
  url: 'https://github.com/memcached/memcached/blob/master/doc/protocol.txt',
};

export const RAILS_N_PLUS_ONE: Source = {
  title: 'Rails Guides: the N + 1 queries problem',
  url: 'https://guides.rubyonrails.org/active_record_querying.html#n-1-queries-problem',
};

export const MEMCACHE_AT_FACEBOOK: Source = {
  title: 'Nishtala et al.: Scaling Memcache at Facebook (NSDI 2013)',
  url: 'https://www.usenix.org/conference/nsdi13/technical-sessions/presentation/nishtala',
};

export const XFETCH: Source = {
  title: 'Vattani, Chierichetti & Lowenstein: Optimal Probabilistic Cache Stampede Prevention',
  url: 'https://www.vldb.org/pvldb/vol8/p886-vattani.pdf',
};

export const STALE_WHILE_REVALIDATE: Source = {
  title: 'RFC 5861: HTTP Cache-Control Extensions for Stale Content',
  url: 'https://www.rfc-editor.org/rfc/rfc5861',
};

export const CONCURRENCY_LIMITS: Source = {
  title: 'Netflix: concurrency-limits (AIMD, Vegas, Gradient2)',
  url: 'https://github.com/Netflix/concurrency-limits',
};

export const TAO: Source = {
  title: 'Bronson et al.: TAO, Facebook’s Distributed Data Store for the Social Graph (2013)',
  url: 'https://www.usenix.org/conference/atc13/technical-sessions/presentation/bronson',
};

export const KUBERNETES_PROBES: Source = {
  title: 'Kubernetes: Liveness, Readiness and Startup Probes',
  url: 'https://kubernetes.io/docs/concepts/workloads/pods/probes/',
};

export const KUBERNETES_TERMINATION: Source = {
  title: 'Kubernetes: Pod Lifecycle, Termination of Pods',
  url: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination',
};

export const KUBERNETES_MEMORY: Source = {
  title: 'Kubernetes: Resource Management for Pods and Containers',
  url: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
};

export const LITTLES_LAW: Source = {
  title: 'Little: A Proof for the Queuing Formula L = λW (1961)',
  url: 'https://doi.org/10.1287/opre.9.3.383',
};

export const SPRING_SHUTDOWN: Source = {
  title: 'Spring Boot: Graceful Shutdown',
  url: 'https://docs.spring.io/spring-boot/reference/web/graceful-shutdown.html',
};

export const ENVOY_QUOTAS: Source = {
  title: 'Envoy: Rate Limit Quota Service',
  url: 'https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/rate_limit_quota/v3/rlqs.proto',
};

export const CONSISTENT_HASHING: Source = {
  title: 'Karger et al.: Consistent Hashing and Random Trees (STOC 1997)',
  url: 'https://doi.org/10.1145/258533.258660',
};

export const RENDEZVOUS: Source = {
  title: 'Thaler & Ravishankar: Using Name-Based Mappings to Increase Hit Rates (1998)',
  url: 'https://doi.org/10.1109/90.663936',
};

export const JUMP_HASH: Source = {
  title: 'Lamping & Veach: A Fast, Minimal Memory, Consistent Hash Algorithm (2014)',
  url: 'https://arxiv.org/abs/1406.2294',
};

export const TWEMPROXY: Source = {
  title: 'twemproxy (nutcracker): auto_eject_hosts, server_failure_limit, server_retry_timeout',
  url: 'https://github.com/twitter/twemproxy',
};

export const CHE: Source = {
  title: 'Che, Tung & Wang: Hierarchical Web Caching Systems (IEEE JSAC 2002)',
  url: 'https://doi.org/10.1109/JSAC.2002.801752',
};

export const OPTIMAL_PAGES: Source = {
  title: 'Aho, Denning & Ullman: Principles of Optimal Page Replacement (JACM 1971)',
  url: 'https://doi.org/10.1145/321623.321632',
};

export const SIEVE: Source = {
  title: 'Zhang et al.: SIEVE is Simpler than LRU (NSDI 2024)',
  url: 'https://www.usenix.org/conference/nsdi24/presentation/zhang-yazhuo',
};

export const S3_FIFO: Source = {
  title: 'Yang et al.: FIFO Queues are All You Need for Cache Eviction (SOSP 2023)',
  url: 'https://doi.org/10.1145/3600006.3613147',
};

export const TINY_LFU: Source = {
  title: 'Einziger, Friedman & Manes: TinyLFU, A Highly Efficient Cache Admission Policy (2017)',
  url: 'https://arxiv.org/abs/1512.00727',
};

export const HAPROXY_STICKY: Source = {
  title: 'HAProxy: Configuration Manual, cookie (session persistence)',
  url: 'https://docs.haproxy.org/3.0/configuration.html#4.2-cookie',
};

export const JOUPPI: Source = {
  title: 'Jouppi: Cache Write Policies and Performance (ISCA 1993)',
  url: 'https://doi.org/10.1145/165123.165154',
};

export const LVS_WEIGHTED: Source = {
  title: 'Linux Virtual Server: Weighted round-robin scheduling',
  url: 'http://kb.linuxvirtualserver.org/wiki/Weighted_Round-Robin_Scheduling',
};

export const DNS_NEGATIVE: Source = {
  title: 'RFC 2308: Negative Caching of DNS Queries',
  url: 'https://www.rfc-editor.org/rfc/rfc2308',
};

export const CAFFEINE_EXPIRY: Source = {
  title: 'Caffeine: Eviction, time-based (expireAfterWrite)',
  url: 'https://github.com/ben-manes/caffeine/wiki/Eviction',
};

export const REDIS_TRACKING: Source = {
  title: 'Redis: Client-side caching reference',
  url: 'https://redis.io/docs/latest/develop/reference/client-side-caching/',
};

export const KLEPPMANN_LOCKS: Source = {
  title: 'Kleppmann: How to do distributed locking (2016)',
  url: 'https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html',
};

export const CHUBBY: Source = {
  title: 'Burrows: The Chubby lock service for loosely-coupled distributed systems (OSDI 2006)',
  url: 'https://www.usenix.org/legacy/event/osdi06/tech/burrows.html',
};

export const DYNAMO: Source = {
  title: 'DeCandia et al.: Dynamo: Amazon’s Highly Available Key-value Store (SOSP 2007)',
  url: 'https://www.allthingsdistributed.com/files/amazon-dynamo-sosp2007.pdf',
};

export const GILBERT_LYNCH: Source = {
  title:
    'Gilbert & Lynch: Brewer’s Conjecture and the Feasibility of Consistent, Available, ' +
    'Partition-Tolerant Web Services (2002)',
  url: 'https://doi.org/10.1145/564585.564601',
};

export const PBS: Source = {
  title: 'Bailis et al.: Probabilistically Bounded Staleness for Practical Partial Quorums (2012)',
  url: 'https://vldb.org/pvldb/vol5/p776_peterbailis_vldb2012.pdf',
};

export const CASSANDRA_GUARANTEES: Source = {
  title: 'Apache Cassandra: Dynamo, consistency levels, hints, repair',
  url: 'https://cassandra.apache.org/doc/4.1/cassandra/architecture/dynamo.html',
};

export const REDIS_CLOCK: Source = {
  title: 'Redis documentation: Distributed Locks with Redis, on clock drift and making it safe',
  url: 'https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/',
};

export const ABD: Source = {
  title: 'Attiya, Bar-Noy & Dolev: Sharing Memory Robustly in Message-Passing Systems (1995)',
  url: 'https://doi.org/10.1145/200836.200869',
};

export const DOTTED_VERSION_VECTORS: Source = {
  title: 'Preguiça et al.: Dotted Version Vectors (2010)',
  url: 'https://arxiv.org/abs/1011.5808',
};

export const HYBRID_CLOCKS: Source = {
  title: 'Kulkarni et al.: Logical Physical Clocks (OPODIS 2014)',
  url: 'https://cse.buffalo.edu/tech-reports/2014-04.pdf',
};

export const CASSANDRA_TOMBSTONES: Source = {
  title: 'Apache Cassandra: Tombstones, and the grace period',
  url: 'https://cassandra.apache.org/doc/4.1/cassandra/operating/compaction/index.html',
};

export const CASSANDRA_HINTS: Source = {
  title: 'Apache Cassandra: Hints',
  url: 'https://cassandra.apache.org/doc/4.1/cassandra/operating/hints.html',
};

export const CRDTS: Source = {
  title:
    'Shapiro et al.: A Comprehensive Study of Convergent and Commutative Replicated Data Types ' +
    '(INRIA 7506, 2011)',
  url: 'https://inria.hal.science/inria-00555588',
};

export const ORSWOT: Source = {
  title: 'Bieniusa et al.: An Optimized Conflict-free Replicated Set (INRIA 8083, 2012)',
  url: 'https://arxiv.org/abs/1210.3368',
};

export const SESSION_GUARANTEES: Source = {
  title: 'Terry et al.: Session Guarantees for Weakly Consistent Replicated Data (1994)',
  url: 'https://doi.org/10.1109/PDIS.1994.331722',
};

export const COPS: Source = {
  title:
    'Lloyd, Freedman, Kaminsky & Andersen: Don’t Settle for Eventual: Scalable Causal ' +
    'Consistency for Wide-Area Storage with COPS (SOSP 2011)',
  url: 'https://doi.org/10.1145/2043556.2043593',
};

export const CAUSAL_MEMORY: Source = {
  title: 'Ahamad et al.: Causal memory: definitions, implementation, and programming (1995)',
  url: 'https://doi.org/10.1007/BF01784241',
};

export const HAT: Source = {
  title: 'Bailis et al.: Highly Available Transactions: Virtues and Limitations (VLDB 2014)',
  url: 'https://www.vldb.org/pvldb/vol7/p181-bailis.pdf',
};

export const PACELC: Source = {
  title: 'Abadi: Consistency Tradeoffs in Modern Distributed Database System Design (2012)',
  url: 'https://doi.org/10.1109/MC.2012.33',
};

export const POSTGRESQL_REPLICATION: Source = {
  title: 'PostgreSQL 17: High Availability, Load Balancing, and Replication (chapter 26)',
  url: 'https://www.postgresql.org/docs/17/high-availability.html',
};

export const MYSQL_SEMI_SYNC: Source = {
  title: 'MySQL 8.4 Reference Manual: Semisynchronous Replication (19.4.10)',
  url: 'https://dev.mysql.com/doc/refman/8.4/en/replication-semisync.html',
};

export const PATRONI: Source = {
  title: 'Patroni documentation: dynamic configuration settings, replication modes',
  url: 'https://patroni.readthedocs.io/en/latest/replication_modes.html',
};

export const REDIS_SENTINEL: Source = {
  title: 'Redis: High availability with Redis Sentinel (consistency under partitions)',
  url: 'https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/',
};

export const SWIM: Source = {
  title: 'Das, Gupta & Motivala: SWIM, scalable weakly-consistent membership (DSN 2002)',
  url: 'https://www.cs.cornell.edu/projects/Quicksilver/public_pdfs/SWIM.pdf',
};

export const MEMBERLIST: Source = {
  title: 'HashiCorp memberlist: a gossip-based membership library',
  url: 'https://github.com/hashicorp/memberlist',
};

export const CAHILL_SSI: Source = {
  title: 'Cahill, Röhm & Fekete: Serializable Isolation for Snapshot Databases (SIGMOD 2008)',
  url: 'https://doi.org/10.1145/1376616.1376690',
};

export const ETCD_GUARANTEES: Source = {
  title: 'etcd: API guarantees, linearizable and serializable reads',
  url: 'https://etcd.io/docs/v3.5/learning/api_guarantees/',
};

export const BERENSON: Source = {
  title: 'Berenson et al.: A Critique of ANSI SQL Isolation Levels (SIGMOD 1995)',
  url: 'https://doi.org/10.1145/223784.223785',
};

export const GRAY_NOTES: Source = {
  title: 'Gray: Notes on Data Base Operating Systems (1978), 5.8.3',
  url: 'https://jimgray.azurewebsites.net/papers/dbos.pdf',
};

export const SKEEN: Source = {
  title: 'Skeen: Nonblocking Commit Protocols (SIGMOD 1981)',
  url: 'https://doi.org/10.1145/582318.582339',
};

export const GRAY_LAMPORT: Source = {
  title: 'Gray & Lamport: Consensus on Transaction Commit (ACM TODS 2006)',
  url: 'https://lamport.azurewebsites.net/video/consensus-on-transaction-commit.pdf',
};

export const SPANNER: Source = {
  title: 'Corbett et al.: Spanner: Google’s Globally-Distributed Database (OSDI 2012), 3 and 4.1.2',
  url: 'https://research.google/pubs/spanner-googles-globally-distributed-database-2/',
};

export const CLOCK_SI: Source = {
  title: 'Du, Elnikety & Zwaenepoel: Clock-SI (SRDS 2013)',
  url: 'https://doi.org/10.1109/SRDS.2013.26',
};

export const AWS_PINGS: Source = {
  title: 'Pings between regions of AWS, averages of 2016-17 (published in April 2017)',
};

export const AWS_AVAILABILITY: Source = {
  title: 'AWS Well-Architected: Availability (dependencies in a row, redundant ones)',
  url: 'https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/availability.html',
};

export const SRE_RISK: Source = {
  title: 'Site Reliability Engineering, chapter 3: Embracing Risk',
  url: 'https://sre.google/sre-book/embracing-risk/',
};

export const HERMITAGE: Source = {
  title: 'Kleppmann: Hermitage, testing transaction isolation levels',
  url: 'https://github.com/ept/hermitage',
};

export const POSTGRES_ISOLATION: Source = {
  title: 'PostgreSQL documentation: Transaction Isolation',
  url: 'https://www.postgresql.org/docs/current/transaction-iso.html',
};

export const MAGLEV: Source = {
  title: 'Eisenbud et al.: Maglev, A Fast and Reliable Software Network Load Balancer (NSDI 2016)',
  url: 'https://www.usenix.org/conference/nsdi16/technical-sessions/presentation/eisenbud',
};

export const BOUNDED_LOADS: Source = {
  title: 'Mirrokni, Thorup & Zadimoghaddam: Consistent Hashing with Bounded Loads (SODA 2018)',
  url: 'https://arxiv.org/abs/1608.01350',
};

export const ENVOY_ZONES: Source = {
  title: 'Envoy: Zone aware routing',
  url: `${ENVOY_UPSTREAM}/load_balancing/zone_aware`,
};

export const SRE_SUBSETTING: Source = {
  title: 'Site Reliability Engineering, chapter 20: Load Balancing in the Datacenter',
  url: 'https://sre.google/sre-book/load-balancing-datacenter/',
};

export const NGINX_LIMIT_REQ: Source = {
  title: 'nginx: ngx_http_limit_req_module (rate, burst, nodelay)',
  url: 'https://nginx.org/en/docs/http/ngx_http_limit_req_module.html',
};

export const LIRS: Source = {
  title: 'Jiang & Zhang: LIRS, An Efficient Low Inter-reference Recency Set Policy (2002)',
  url: 'https://doi.org/10.1145/511334.511340',
};

const KAFKA_DOCS = 'https://kafka.apache.org/documentation';
const KAFKA_WIKI = 'https://cwiki.apache.org/confluence/display/KAFKA';

export const KAFKA_REPLICATION: Source = {
  title: 'Apache Kafka documentation: Replication (in-sync replicas, unclean election, acks)',
  url: `${KAFKA_DOCS}/#replication`,
};

export const KAFKA_TOPIC_CONFIGS: Source = {
  title: 'Apache Kafka: topic configurations',
  url: `${KAFKA_DOCS}/#topicconfigs`,
};

export const KAFKA_COMPACTION: Source = {
  title: 'Apache Kafka documentation: Log Compaction',
  url: `${KAFKA_DOCS}/#compaction`,
};

export const KAFKA_PRODUCER_CONFIGS: Source = {
  title: 'Apache Kafka documentation: Producer configs (acks, retries, enable.idempotence)',
  url: `${KAFKA_DOCS}/#producerconfigs`,
};

export const KAFKA_CONSUMER_CONFIGS: Source = {
  title: 'Apache Kafka documentation: Consumer configs (max.poll.records, max.poll.interval.ms)',
  url: `${KAFKA_DOCS}/#consumerconfigs`,
};

export const SPRING_KAFKA_ERRORS: Source = {
  title:
    'Spring for Apache Kafka: Handling Exceptions (DefaultErrorHandler, Publishing Dead-letter ' +
    'Records)',
  url: 'https://docs.spring.io/spring-kafka/reference/kafka/annotation-error-handling.html',
};

export const KAFKA_DELIVERY: Source = {
  title: 'Apache Kafka documentation: Message Delivery Semantics',
  url: `${KAFKA_DOCS}/#semantics`,
};

export const KIP_62: Source = {
  title: 'KIP-62: Allow consumer to send heartbeats from a background thread',
  url: `${KAFKA_WIKI}/KIP-62%3A+Allow+consumer+to+send+heartbeats+from+a+background+thread`,
};

export const KIP_98: Source = {
  title: 'KIP-98: Exactly Once Delivery and Transactional Messaging',
  url: `${KAFKA_WIKI}/KIP-98+-+Exactly+Once+Delivery+and+Transactional+Messaging`,
};

export const KIP_129: Source = {
  title: 'KIP-129: Streams Exactly-Once Semantics',
  url: `${KAFKA_WIKI}/KIP-129%3A+Streams+Exactly-Once+Semantics`,
};

export const KIP_447: Source = {
  title: 'KIP-447: Producer scalability for exactly once semantics',
  url: `${KAFKA_WIKI}/KIP-447%3A+Producer+scalability+for+exactly+once+semantics`,
};

export const KIP_890: Source = {
  title: 'KIP-890: Transactions Server-Side Defense',
  url: `${KAFKA_WIKI}/KIP-890%3A+Transactions+Server-Side+Defense`,
};

export const KAFKA_17754: Source = {
  title: 'KAFKA-17754: A delayed EndTxn message can cause aborted read, lost writes, atomicity',
  url: 'https://issues.apache.org/jira/browse/KAFKA-17754',
};

export const JEPSEN_BUFSTREAM: Source = {
  title: 'Jepsen: Bufstream 0.1.0 (torn transactions of the Kafka protocol), 2024',
  url: 'https://jepsen.io/analyses/bufstream-0.1.0',
};

export const KIP_101: Source = {
  title: 'KIP-101: Alter Replication Protocol to use Leader Epoch for Truncation',
  url:
    `${KAFKA_WIKI}/KIP-101+-+Alter+Replication+Protocol+to+use+Leader+Epoch+rather+than+` +
    'High+Watermark+for+Truncation',
};

export const KIP_106: Source = {
  title: 'KIP-106: Change Default unclean.leader.election.enabled from True to False',
  url:
    `${KAFKA_WIKI}/KIP-106+-+Change+Default+unclean.leader.election.enabled+from+True+to+` +
    'False',
};

export const KIP_207: Source = {
  title: 'KIP-207: Offsets returned by ListOffsetsResponse should be monotonically increasing',
  url:
    `${KAFKA_WIKI}/KIP-207%3A+Offsets+returned+by+ListOffsetsResponse+should+be+monotonically+` +
    'increasing+even+during+a+partition+leader+change',
};

export const KIP_279: Source = {
  title: 'KIP-279: Fix log divergence between leader and follower after fast leader fail over',
  url:
    `${KAFKA_WIKI}/KIP-279%3A+Fix+log+divergence+between+leader+and+follower+after+fast+leader+` +
    'fail+over',
};

export const KIP_320: Source = {
  title: 'KIP-320: Allow fetchers to detect and handle log truncation',
  url: `${KAFKA_WIKI}/KIP-320%3A+Allow+fetchers+to+detect+and+handle+log+truncation`,
};

export const KIP_345: Source = {
  title: 'KIP-345: Introduce static membership protocol to reduce consumer rebalances',
  url:
    `${KAFKA_WIKI}/KIP-345%3A+Introduce+static+membership+protocol+to+reduce+consumer+` +
    'rebalances',
};

export const KIP_429: Source = {
  title: 'KIP-429: Kafka Consumer Incremental Rebalance Protocol',
  url: `${KAFKA_WIKI}/KIP-429%3A+Kafka+Consumer+Incremental+Rebalance+Protocol`,
};

export const KIP_497: Source = {
  title: 'KIP-497: Add inter-broker API to alter ISR',
  url: `${KAFKA_WIKI}/KIP-497%3A+Add+inter-broker+API+to+alter+ISR`,
};

export const KIP_534: Source = {
  title: 'KIP-534: Retain tombstones and markers for approximately delete.retention.ms',
  url:
    `${KAFKA_WIKI}/KIP-534%3A+Retain+tombstones+and+transaction+markers+for+approximately+` +
    'delete.retention.ms+milliseconds',
};

export const KIP_848: Source = {
  title: 'KIP-848: The Next Generation of the Consumer Rebalance Protocol',
  url: `${KAFKA_WIKI}/KIP-848%3A+The+Next+Generation+of+the+Consumer+Rebalance+Protocol`,
};

export const KIP_966: Source = {
  title: 'KIP-966: Eligible Leader Replicas',
  url: `${KAFKA_WIKI}/KIP-966%3A+Eligible+Leader+Replicas`,
};

export const SNOWFLAKE: Source = {
  title: 'Twitter: Announcing Snowflake (2010)',
  url: 'https://blog.x.com/engineering/en_us/a/2010/announcing-snowflake',
};

export const SNOWFLAKE_WORKER: Source = {
  title: 'Twitter snowflake: IdWorker.scala (2010)',
  url: 'https://github.com/twitter-archive/snowflake',
};

export const SONYFLAKE: Source = {
  title: 'Sonyflake: 39 bits of 10 ms, 8 of the sequence, 16 of the machine',
  url: 'https://github.com/sony/sonyflake',
};

export const AMQP_SPECIFICATION: Source = {
  title: 'AMQP 0-9-1 specification, 3.1.3: exchange types',
  url: 'https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf',
};

export const RABBITMQ_EXCHANGES: Source = {
  title: 'RabbitMQ: AMQP 0-9-1 Model Explained, exchanges and exchange types',
  url: 'https://www.rabbitmq.com/tutorials/amqp-concepts#exchanges',
};

export const RABBITMQ_PUBLISHERS: Source = {
  title: 'RabbitMQ: Publishers, unroutable message handling',
  url: 'https://www.rabbitmq.com/docs/publishers#unroutable',
};

export const RABBITMQ_QUORUM_QUEUES: Source = {
  title: 'RabbitMQ: Quorum Queues, poison message handling',
  url: 'https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling',
};

export const RABBITMQ_CLASSIC_QUEUES: Source = {
  title: 'RabbitMQ: Classic Queues',
  url: 'https://www.rabbitmq.com/docs/classic-queues',
};

export const RABBITMQ_CONFIRMS: Source = {
  title: 'RabbitMQ: Consumer Acknowledgements and Publisher Confirms',
  url: 'https://www.rabbitmq.com/docs/confirms',
};

export const RABBITMQ_RELIABILITY: Source = {
  title: 'RabbitMQ: Reliability Guide',
  url: 'https://www.rabbitmq.com/docs/reliability',
};

export const RABBITMQ_DLX: Source = {
  title: 'RabbitMQ: Dead Letter Exchanges',
  url: 'https://www.rabbitmq.com/docs/dlx',
};

export const RABBITMQ_PREFETCH: Source = {
  title: 'RabbitMQ: Consumer Prefetch',
  url: 'https://www.rabbitmq.com/docs/consumer-prefetch',
};

export const RABBITMQ_WORK_QUEUES: Source = {
  title: 'RabbitMQ tutorials: Work Queues, fair dispatch',
  url: 'https://www.rabbitmq.com/tutorials/tutorial-two-javascript',
};

const SQS_GUIDE = 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide';

export const SQS_VISIBILITY: Source = {
  title: 'Amazon SQS Developer Guide: visibility timeout',
  url: `${SQS_GUIDE}/sqs-visibility-timeout.html`,
};

export const SQS_FIFO: Source = {
  title: 'Amazon SQS Developer Guide: FIFO queue delivery logic',
  url: `${SQS_GUIDE}/FIFO-queues-understanding-logic.html`,
};

export const SQS_DEDUPLICATION: Source = {
  title: 'Amazon SQS Developer Guide: exactly-once processing, message deduplication ID',
  url: `${SQS_GUIDE}/FIFO-queues-exactly-once-processing.html`,
};

export const SQS_DEAD_LETTERS: Source = {
  title: 'Amazon SQS Developer Guide: dead-letter queues',
  url: `${SQS_GUIDE}/sqs-dead-letter-queues.html`,
};

export const PHI_ACCRUAL: Source = {
  title: 'Hayashibara, Défago, Yared & Katayama: The φ accrual failure detector (SRDS 2004)',
  url: 'https://doi.org/10.1109/RELDIS.2004.1353004',
};

export const DETECTOR_QUALITY: Source = {
  title: 'Chen, Toueg & Aguilera: On the Quality of Service of Failure Detectors (DSN 2000)',
  url: 'https://doi.org/10.1109/ICDSN.2000.857535',
};

export const AKKA_DETECTOR: Source = {
  title: 'Akka: Phi Accrual Failure Detector',
  url: 'https://doc.akka.io/libraries/akka-core/current/typed/failure-detector.html',
};

export const CASSANDRA_GOSSIP: Source = {
  title: 'Apache Cassandra: Dynamo, gossip and failure detection',
  url: 'https://cassandra.apache.org/doc/latest/cassandra/architecture/dynamo.html',
};

export const GRAY_CHERITON: Source = {
  title: 'Gray & Cheriton: Leases, an efficient fault-tolerant mechanism (SOSP 1989)',
  url: 'https://doi.org/10.1145/74850.74870',
};

export const TRANSACTIONAL_OUTBOX: Source = {
  title: 'Richardson: Pattern: Transactional outbox',
  url: 'https://microservices.io/patterns/data/transactional-outbox.html',
};

export const IDEMPOTENT_CONSUMER: Source = {
  title: 'Richardson: Pattern: Idempotent Consumer',
  url: 'https://microservices.io/patterns/communication-style/idempotent-consumer.html',
};

const DEBEZIUM_GUIDE = 'https://debezium.io/documentation/reference/stable';

export const DEBEZIUM_OUTBOX: Source = {
  title: 'Debezium: Outbox Event Router',
  url: `${DEBEZIUM_GUIDE}/transformations/outbox-event-router.html`,
};

export const SAGAS: Source = {
  title: 'Garcia-Molina and Salem: Sagas (SIGMOD 1987)',
  url: 'https://dl.acm.org/doi/10.1145/38713.38742',
};

export const MICROSERVICES_SAGA: Source = {
  title: 'Richardson: Pattern: Saga',
  url: 'https://microservices.io/patterns/data/saga.html',
};

export const SEATA_TCC: Source = {
  title: 'Apache Seata: TCC mode, empty rollback and suspension',
  url: 'https://seata.apache.org/docs/dev/mode/tcc-mode/',
};

export const CQRS_DOCUMENTS: Source = {
  title: 'Young: CQRS Documents (2010)',
  url: 'https://cqrs.files.wordpress.com/2010/11/cqrs_documents.pdf',
};

export const EVENT_SOURCING: Source = {
  title: 'Fowler: Event Sourcing',
  url: 'https://martinfowler.com/eaaDev/EventSourcing.html',
};

export const KURRENT_APPEND: Source = {
  title: 'KurrentDB (EventStoreDB): Appending events',
  url: 'https://docs.kurrent.io/clients/tcp/dotnet/21.2/appending.html',
};

export const KURRENT_SUBSCRIPTIONS: Source = {
  title: 'KurrentDB (EventStoreDB): Catch-up subscriptions',
  url: 'https://docs.kurrent.io/clients/tcp/dotnet/21.2/subscriptions.html',
};

export const DATAFLOW_MODEL: Source = {
  title: 'Akidau et al.: The Dataflow Model (VLDB 2015)',
  url: 'https://www.vldb.org/pvldb/vol8/p1792-Akidau.pdf',
};

const FLINK_DOCS = 'https://nightlies.apache.org/flink/flink-docs-stable/docs';

export const FLINK_WATERMARKS: Source = {
  title: 'Apache Flink: Generating Watermarks, Dealing With Idle Sources',
  url: `${FLINK_DOCS}/dev/datastream/event-time/generating_watermarks/`,
};

export const FLINK_WINDOWS: Source = {
  title: 'Apache Flink: Windows, Allowed Lateness',
  url: `${FLINK_DOCS}/dev/datastream/operators/windows/`,
};

export const CHANDY_LAMPORT: Source = {
  title: 'Chandy and Lamport: Distributed Snapshots (1985)',
  url: 'https://doi.org/10.1145/214451.214456',
};

export const ASYNC_BARRIERS: Source = {
  title: 'Carbone et al.: Lightweight Asynchronous Snapshots for Distributed Dataflows (2015)',
  url: 'https://arxiv.org/abs/1506.08603',
};

export const FLINK_CHECKPOINTING: Source = {
  title: 'Apache Flink: Checkpointing',
  url: `${FLINK_DOCS}/dev/datastream/fault-tolerance/checkpointing/`,
};

export const FLINK_BACKPRESSURE: Source = {
  title: 'Apache Flink: Checkpointing under backpressure (FLIP-76)',
  url: `${FLINK_DOCS}/ops/state/checkpointing_under_backpressure/`,
};

export const FLINK_KAFKA_SINK: Source = {
  title: 'Apache Flink: Kafka connector, fault tolerance of the sink',
  url: `${FLINK_DOCS}/connectors/datastream/kafka/#fault-tolerance`,
};
