package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/churnwatch/churnwatch/cmd/internal/config"
)

const (
	address  = "allowed: a host or nothing, a colon and a port, such as 127.0.0.1:8080, [::1]:8080 or :8080"
	duration = "allowed: a number with its unit, such as 90d, 36h or 1d12h"
	size     = "allowed: a whole number with its unit, such as 512MB, 1GB or 2GiB"
	quotes   = "allowed: text; a number or a date needs quotes"
	columns  = "allowed: up to 20 different columns of customers, in lower case, such as [channel, region]"
)

// broken holds one small file for each rule, and all that is said about it.
var broken = []struct{ yaml, want string }{
	// Names.
	{"databse: {path: a}", "f.yaml:1: databse is not a setting; did you mean database?"},
	{"server:\n  htpp: 127.0.0.1:80", "f.yaml:2: server.htpp is not a setting; did you mean server.http?"},
	{"seed: 3", "f.yaml:1: seed is not a setting; did you mean training.seed?"},
	{"api_key: hunter2", "f.yaml:1: api_key is not a setting; `churnwatch config show` lists them"},
	{"currency: {name: EUR}", "f.yaml:1: currency is a section; " + quotes},
	{"server: 5", "f.yaml:1: server is 5; allowed: a section, with its settings below it"},
	{"log: [debug]", "f.yaml:1: log is a list of 1; allowed: a section, with its settings below it"},

	// Kinds.
	{"currency: 978", "f.yaml:1: currency is 978; " + quotes},
	{"currency:", "f.yaml:1: currency is empty; " + quotes},
	{"training: {max_cutoffs: 1.7}", "f.yaml:1: training.max_cutoffs is 1.7; allowed: a whole number"},
	{"training: {max_cutoffs: '3'}", "f.yaml:1: training.max_cutoffs is \"3\"; allowed: a whole number"},
	{"training: {seed: -1}", "f.yaml:1: training.seed is -1; allowed: a whole number from 0"},
	{"training: {seed: 1.5}", "f.yaml:1: training.seed is 1.5; allowed: a whole number from 0"},
	{"bands: {high: .nan}", "f.yaml:1: bands.high is NaN; allowed: a number"},
	{"bands: {high: much}", "f.yaml:1: bands.high is \"much\"; allowed: a number"},
	{"drift: {cycle: 30}", "f.yaml:1: drift.cycle is 30; " + duration},
	{"drift: {cycle: 1.5d}", "f.yaml:1: drift.cycle is \"1.5d\"; " + duration},
	{"database: {memory_limit: 1000000000}", "f.yaml:1: database.memory_limit is 1000000000; " + size},
	{"database: {keep_free: 1}", "f.yaml:1: database.keep_free is 1; " + size},
	{"database: {memory_limit: 80%}", "f.yaml:1: database.memory_limit is \"80%\"; " + size},
	{"cohorts: {dimensions: channel}", "f.yaml:1: cohorts.dimensions is \"channel\"; allowed: a list of text"},
	{"cohorts: {dimensions: [1]}", "f.yaml:1: cohorts.dimensions is a list of 1; allowed: a list of text"},

	// Retention.
	{"retention: {playbooks: ['']}", "f.yaml:1: retention.playbooks is []; allowed: up to 20 different paths of files"},
	{"retention: {quiet_hours: at night}", "f.yaml:1: retention.quiet_hours is at night; allowed: hours such as 21:00-08:00, or nothing"},
	{"retention: {quiet_hours: '21:00-24:30'}", "f.yaml:1: retention.quiet_hours is 21:00-24:30; allowed: hours such as 21:00-08:00, or nothing"},
	{"retention: {business_hours: 'mon-fry 09:00-17:00'}", "f.yaml:1: retention.business_hours is mon-fry 09:00-17:00; allowed: hours such as mon-fri 09:00-17:00, or nothing"},
	{"retention: {holidays: [christmas]}", "f.yaml:1: retention.holidays is [christmas]; allowed: days such as 2026-12-25"},
	{"retention: {caps: [3 a week]}", "f.yaml:1: retention.caps is [3 a week]; allowed: caps such as 3 in 7d, or phone 1 in 7d"},
	{"retention: {capacity: [many]}", "f.yaml:1: retention.capacity is [many]; allowed: numbers a day such as 200, or phone 20"},
	{"retention: {survey_every: 1h}", "f.yaml:1: retention.survey_every is 1h; allowed: 1d to 730d"},
	{"retention: {ask_every: 400d}", "f.yaml:1: retention.ask_every is 400d; allowed: 0s to 365d"},
	{"retention: {holdout: 0.9}", "f.yaml:1: retention.holdout is 0.9; allowed: 0 to 0.5"},
	{"retention: {least_effect: 0}", "f.yaml:1: retention.least_effect is 0; allowed: 0.001 to 0.5"},
	{"retention: {consent_unknown: maybe}", "f.yaml:1: retention.consent_unknown is maybe; allowed: refuse, allow"},
	{"retention: {count_transactional: true}", "f.yaml:1: retention.count_transactional is true; allowed: text; a number or a date needs quotes"},
	{"retention: {count_transactional: 'maybe'}", "f.yaml:1: retention.count_transactional is maybe; allowed: no, yes"},
	{"retention: {first_look: 1m}", "f.yaml:1: retention.first_look is 1m; allowed: 1h to 90d"},
	{"retention: {run_every: 1ms}", "f.yaml:1: retention.run_every is 1ms; allowed: 1s to 7d, or 0 for never"},
	{"surveys: {moments: [birthday nps 5%]}", "f.yaml:1: surveys.moments is [birthday nps 5%]; allowed: moments such as post_purchase csat 5% after 2d, each once"},
	{"surveys: {random_share: 0}", "f.yaml:1: surveys.random_share is 0; allowed: 0.1 to 1"},
	{"surveys: {capacity: -1}", "f.yaml:1: surveys.capacity is -1; allowed: 0 to 1000000"},
	{"surveys: {quota: -1}", "f.yaml:1: surveys.quota is -1; allowed: 0 to 100000"},
	{"surveys: {segments: [region, region]}", "f.yaml:1: surveys.segments is [region, region]; allowed: any of industry, tier, plan, region, language, channel, shipping_method, tenure, each once"},
	{"surveys: {channel: ''}", "f.yaml:1: surveys.channel is \"\"; allowed: a name"},
	{"surveys: {seed: one}", "f.yaml:1: surveys.seed is \"one\"; allowed: a whole number from 0"},

	// Values.
	{"currency: euro", "f.yaml:1: currency is euro; allowed: a three-letter code of ISO 4217, such as EUR"},
	{"time_zone: Mars/Olympus", "f.yaml:1: time_zone is Mars/Olympus; allowed: a name of the IANA time zone database, such as UTC or Europe/Berlin"},
	{"time_zone: Local", "f.yaml:1: time_zone is Local; allowed: a name of the IANA time zone database, such as UTC or Europe/Berlin"},
	{"database: {path: ''}", "f.yaml:1: database.path is \"\"; allowed: a name"},
	{"database: {memory_limit: 1MB}", "f.yaml:1: database.memory_limit is 1MB; allowed: 64MB to 16TiB"},
	{"database: {threads: -1}", "f.yaml:1: database.threads is -1; allowed: 0 to 1024"},
	{"ingest: {chunk_bytes: 1KB}", "f.yaml:1: ingest.chunk_bytes is 1KB; allowed: 1MiB to 1GiB"},
	{"ingest: {quarantine_keep: 1h}", "f.yaml:1: ingest.quarantine_keep is 1h; allowed: whole days, 1d to 3650d"},
	{"ingest: {max_rejected_listed: -1}", "f.yaml:1: ingest.max_rejected_listed is -1; allowed: 0 to 1000"},
	{"ingest: {max_batch: 1KB}", "f.yaml:1: ingest.max_batch is 1KB; allowed: 1MiB to 256MiB"},
	{"ingest: {max_stream: 32GiB}", "f.yaml:1: ingest.max_stream is 32GiB; allowed: 1MiB to 16GiB"},
	{"definition: {kind: silence}", "f.yaml:1: definition.kind is silence; allowed: inactivity, cancellation"},
	{"definition: {horizon: 36h}", "f.yaml:1: definition.horizon is 1d12h; allowed: whole days, 1d to 730d"},
	{"definition: {lookback: 0}", "f.yaml:1: definition.lookback is 0s; allowed: whole days, 1d to 3650d"},
	{"drift: {cycle: 6d}", "f.yaml:1: drift.cycle is 6d; allowed: whole days, 7d to 365d"},
	{"drift: {false_alarms_per_1000: 0.5}", "f.yaml:1: drift.false_alarms_per_1000 is 0.5; allowed: 1 to 500"},
	{"training: {calendar_step: 0}", "f.yaml:1: training.calendar_step is 0s; allowed: whole days, 1d to 365d"},
	{"training: {min_history: -1d}", "f.yaml:1: training.min_history is -1d; allowed: whole days, 0s to 3650d"},
	{"training: {max_cutoffs: 0}", "f.yaml:1: training.max_cutoffs is 0; allowed: 1 to 240"},
	{"training: {max_rows: 10}", "f.yaml:1: training.max_rows is 10; allowed: 1000 to 100000000"},
	{"training: {interval_level: 1}", "f.yaml:1: training.interval_level is 1; allowed: more than 0.5 and less than 1"},
	{"satisfaction: {half_life: 1h}", "f.yaml:1: satisfaction.half_life is 1h; allowed: 1d to 3650d"},
	{"satisfaction: {half_life_basis: guess}", "f.yaml:1: satisfaction.half_life_basis is guess; allowed: measured, configured"},
	{"satisfaction: {cohort: tier}", "f.yaml:1: satisfaction.cohort is tier; allowed: none, channel, region, industry, language"},
	{"cohorts: {minimum_answers: 1}", "f.yaml:1: cohorts.minimum_answers is 1; allowed: 2 to 10000"},
	{"bands: {medium: 0}", "f.yaml:1: bands.medium is 0; allowed: more than 0 and less than 1"},
	{"bands: {high: 1.2}", "f.yaml:1: bands.high is 1.2; allowed: more than 0 and less than 1"},
	{"freshness: {max_age: 1m}", "f.yaml:1: freshness.max_age is 1m; allowed: 1h to 365d"},
	{"quality: {stale_warn: 0}", "f.yaml:1: quality.stale_warn is 0; allowed: 1 to 1000"},
	{"quality: {stale_refuse: 2000}", "f.yaml:1: quality.stale_refuse is 2000; allowed: 1 to 1000"},
	{"quality: {labels_at_risk: 0}", "f.yaml:1: quality.labels_at_risk is 0; allowed: more than 0 and less than 1"},
	{"quality: {volume_z: 1}", "f.yaml:1: quality.volume_z is 1; allowed: 2 to 100"},
	{"quality: {broken_warn: 0}", "f.yaml:1: quality.broken_warn is 0; allowed: more than 0 and less than 1"},
	{"quality: {broken_refuse: 1}", "f.yaml:1: quality.broken_refuse is 1; allowed: more than 0 and less than 1"},
	{"quality: {repeated_warn: 0}", "f.yaml:1: quality.repeated_warn is 0; allowed: more than 0 and less than 1"},
	{"quality: {repeated_refuse: 1}", "f.yaml:1: quality.repeated_refuse is 1; allowed: more than 0 and less than 1"},
	{"quality: {quarantine_warn: 0}", "f.yaml:1: quality.quarantine_warn is 0; allowed: more than 0 and less than 1"},
	{"quality: {quarantine_refuse: 1}", "f.yaml:1: quality.quarantine_refuse is 1; allowed: more than 0 and less than 1"},
	{"quality: {linked_warn: 1}", "f.yaml:1: quality.linked_warn is 1; allowed: more than 0 and less than 1"},
	{"quality: {linked_refuse: 0}", "f.yaml:1: quality.linked_refuse is 0; allowed: more than 0 and less than 1"},
	{"quality: {odd_warn: 0}", "f.yaml:1: quality.odd_warn is 0; allowed: more than 0 and less than 1"},
	{"quality: {odd_refuse: 1}", "f.yaml:1: quality.odd_refuse is 1; allowed: more than 0 and less than 1"},
	{"quality: {piled_warn: 0}", "f.yaml:1: quality.piled_warn is 0; allowed: more than 0 and less than 1"},
	{"quality: {piled_refuse: 1}", "f.yaml:1: quality.piled_refuse is 1; allowed: more than 0 and less than 1"},
	{"quality: {leak_warn: 0.5}", "f.yaml:1: quality.leak_warn is 0.5; allowed: more than 0.5 and less than 1"},
	{"quality: {leak_refuse: 1}", "f.yaml:1: quality.leak_refuse is 1; allowed: more than 0.5 and less than 1"},
	{"quality: {drift_warn: 0}", "f.yaml:1: quality.drift_warn is 0; allowed: 0.01 to 10"},
	{"themes: {lexicons: [a.csv, a.csv]}", "f.yaml:1: themes.lexicons is [a.csv, a.csv]; allowed: up to 20 different paths of files"},
	{"painpoints: {files: [own.yaml, own.yaml]}", "f.yaml:1: painpoints.files is [own.yaml, own.yaml]; allowed: up to 20 different paths of files"},
	{"painpoints: {files: own.yaml}", "f.yaml:1: painpoints.files is \"own.yaml\"; allowed: a list of text"},
	{"cohorts: {dimensions: [tier, tier]}", "f.yaml:1: cohorts.dimensions is [tier, tier]; " + columns},
	{"cohorts: {dimensions: [Tier]}", "f.yaml:1: cohorts.dimensions is [Tier]; " + columns},
	{"cohorts: {max_per_dimension: 0}", "f.yaml:1: cohorts.max_per_dimension is 0; allowed: 1 to 1000"},
	{"cohorts: {minimum_cell: 0}", "f.yaml:1: cohorts.minimum_cell is 0; allowed: 1 to 10000"},
	{"cohorts: {retention_months: 0}", "f.yaml:1: cohorts.retention_months is 0; allowed: 1 to 60"},
	{"targets: {detractor_response: 2}", "f.yaml:1: targets.detractor_response is 2; allowed: more than 0 and less than 1"},
	{"targets: {detractor_retention: 2}", "f.yaml:1: targets.detractor_retention is 2; allowed: more than 0 and less than 1"},
	{"targets: {promoter_review: 2}", "f.yaml:1: targets.promoter_review is 2; allowed: more than 0 and less than 1"},
	{"targets: {promoter_referral: 2}", "f.yaml:1: targets.promoter_referral is 2; allowed: more than 0 and less than 1"},
	{"targets: {passive_to_promoter: 2}", "f.yaml:1: targets.passive_to_promoter is 2; allowed: more than 0 and less than 1"},
	{"targets: {resurvey_change: 11}", "f.yaml:1: targets.resurvey_change is 11; allowed: -10 to 10"},
	{"targets: {reply_window: 1h}", "f.yaml:1: targets.reply_window is 1h; allowed: whole days, 1d to 365d"},
	{"targets: {ask_window: 0}", "f.yaml:1: targets.ask_window is 0s; allowed: whole days, 1d to 365d"},
	{"targets: {outcome_window: 0}", "f.yaml:1: targets.outcome_window is 0s; allowed: whole days, 1d to 730d"},
	{"targets: {again_from: 0}", "f.yaml:1: targets.again_from is 0s; allowed: whole days, 1d to 730d"},
	{"targets: {again_until: 800d}", "f.yaml:1: targets.again_until is 800d; allowed: whole days, 1d to 730d"},
	{"targets: {period: 36h}", "f.yaml:1: targets.period is 1d12h; allowed: whole days, 1d to 3650d"},
	{"economics: {effect: 0, effect_low: 0}", "f.yaml:1: economics.effect is 0; allowed: more than 0 and less than 1"},
	{"economics: {effect_low: -2}", "f.yaml:1: economics.effect_low is -2; allowed: -1 to 1"},
	{"economics: {effect_high: 2}", "f.yaml:1: economics.effect_high is 2; allowed: -1 to 1"},
	{"economics: {effect_source: ''}", "f.yaml:1: economics.effect_source is \"\"; allowed: a name"},
	{"economics: {cost: [phone 8]}", "f.yaml:1: economics.cost is [phone 8]; allowed: costs of one contact such as phone 8, and any 1.5 for every other channel"},
	{"economics: {margin: 30}", "f.yaml:1: economics.margin is 30; allowed: 0.001 to 1"},
	{"economics: {least_return: -1}", "f.yaml:1: economics.least_return is -1; allowed: 0 to 1000"},
	{"economics: {capacity: -1}", "f.yaml:1: economics.capacity is -1; allowed: 0 to 100000000"},
	{"server: {http: 127.0.0.1}", "f.yaml:1: server.http is 127.0.0.1; " + address},
	{"server: {http: 'http://127.0.0.1:80'}", "f.yaml:1: server.http is http://127.0.0.1:80; " + address},
	{"server: {http: 127.0.0.1:99999}", "f.yaml:1: server.http is 127.0.0.1:99999; " + address},
	{"server: {grpc: 192.168.0.7:grpc}", "f.yaml:1: server.grpc is 192.168.0.7:grpc; " + address},
	{"server: {keys: [prometheus metrics:read]}", "f.yaml:1: server.keys is [prometheus metrics:read]; allowed: keys such as prometheus metrics:read /etc/churnwatch/keys/prometheus: a name, scopes joined by +, and a file; each file once"},
	{"server: {drain: 1h}", "f.yaml:1: server.drain is 1h; allowed: 0s to 10m"},
	{"server: {admin_address: '6060'}", "f.yaml:1: server.admin_address is \"6060\"; " + address + ", or nothing"},
	{"server: {admin_address: '127.0.0.1:8080'}", "f.yaml:1: server.admin_address is 127.0.0.1:8080; allowed: another address than those of server.http and server.grpc"},
	{"telemetry: {endpoint: 'collector:4318'}", "f.yaml:1: telemetry.endpoint is collector:4318; allowed: an address such as http://127.0.0.1:4318, or nothing"},
	{"telemetry: {share: 2}", "f.yaml:1: telemetry.share is 2; allowed: 0 to 1"},
	{"server: {rate_per_key: -1}", "f.yaml:1: server.rate_per_key is -1; allowed: 0 to 1000000"},
	{"server: {tls_certificate: a.pem}", "f.yaml:1: server.tls_certificate is a.pem; allowed: a file where server.tls_key is one, and nothing where it is none"},
	{"server: {tls_key: 5}", "f.yaml:1: server.tls_key is 5; " + quotes},
	{"server: {tls_client_ca: a.pem}", "f.yaml:1: server.tls_client_ca is a.pem; allowed: nothing without server.tls_certificate"},
	{"server: {shutdown_timeout: 0}", "f.yaml:1: server.shutdown_timeout is 0s; allowed: 1s to 10m"},
	{"webhooks: {allow_networks: [10.0.0.1]}", "f.yaml:1: webhooks.allow_networks is [10.0.0.1]; allowed: networks such as 10.0.0.0/8 or 127.0.0.1/32"},
	{"webhooks: {timeout: 2m}", "f.yaml:1: webhooks.timeout is 2m; allowed: 1s to 1m"},
	{"webhooks: {retry_for: 1s}", "f.yaml:1: webhooks.retry_for is 1s; allowed: 1m to 30d"},
	{"webhooks: {disable_after: 1s}", "f.yaml:1: webhooks.disable_after is 1s; allowed: 1m to 90d"},
	{"webhooks: {keep: 400d}", "f.yaml:1: webhooks.keep is 400d; allowed: whole days, 1d to 365d"},
	{"webhooks: {keep: 2d}", "f.yaml:1: webhooks.keep is 2d; allowed: at least webhooks.retry_for, which is 3d"},
	{"server: {rescore_every: 1s}", "f.yaml:1: server.rescore_every is 1s; allowed: 1m to 31d, or 0 for never"},
	{"server: {retrain_every: 1m}", "f.yaml:1: server.retrain_every is 1m; allowed: 1h to 365d, or 0 for never"},
	{"server: {rescore_touched: 1ms}", "f.yaml:1: server.rescore_touched is 1ms; allowed: 1s to 1d, or 0 for never"},
	{"log: {level: loud}", "f.yaml:1: log.level is loud; allowed: debug, info, warn, error"},
	{"log: {format: xml}", "f.yaml:1: log.format is xml; allowed: text, json"},

	// Relations.
	{"economics: {effect: 0.4}", "economics.effect_high is 0.3; allowed: at least economics.effect, which is 0.4"},
	{"economics: {effect_low: 0.2}", "f.yaml:1: economics.effect_low is 0.2; allowed: at most economics.effect, which is 0.1"},
	{"targets: {again_until: 50d}", "f.yaml:1: targets.again_until is 50d; allowed: more than targets.again_from, which is 60d"},
	{"bands: {high: 0.2}", "f.yaml:1: bands.high is 0.2; allowed: more than bands.medium, which is 0.35"},
	{"bands: {medium: 0.9}", "bands.high is 0.65; allowed: more than bands.medium, which is 0.9"},
	{"quality: {leak_refuse: 0.9}", "f.yaml:1: quality.leak_refuse is 0.9; allowed: at least quality.leak_warn, which is 0.97"},
	{"quality: {linked_warn: 0.05}", "f.yaml:1: quality.linked_warn is 0.05; allowed: at least quality.linked_refuse, which is 0.1"},
	{"server: {grpc: 127.0.0.1:8080}", "f.yaml:1: server.grpc is 127.0.0.1:8080; allowed: another address than server.http, which is 127.0.0.1:8080"},
}

func TestABrokenFileIsToldWithItsPathItsValueAndWhatIsAllowed(t *testing.T) {
	for _, tt := range broken {
		t.Run(tt.yaml, func(t *testing.T) {
			_, err := config.Load(config.Options{File: write(t, tt.yaml)})
			if diff := cmp.Diff("configuration: "+tt.want, told(err)); diff != "" {
				t.Errorf("said (-want +got):\n%s", diff)
			}
		})
	}
}

// Every setting but those without a rule stands in the table above.
func TestEveryRuleHasABrokenFile(t *testing.T) {
	free := map[string]bool{"database.temp_directory": true, "boards.actions": true}
	var all strings.Builder
	for _, tt := range broken {
		all.WriteString("\n" + tt.want)
	}
	loaded, err := config.Load(config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range loaded.Values() {
		if !free[v.Path] && !strings.Contains(all.String(), ": "+v.Path+" is ") {
			t.Errorf("%s has no broken file", v.Path)
		}
	}
}

func TestAllFaultsOfAllLayersAreToldAtOnce(t *testing.T) {
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	flags.Int("threads", 0, "")
	if err := flags.Parse([]string{"--threads=-2"}); err != nil {
		t.Fatal(err)
	}

	_, err := config.Load(config.Options{
		File:    write(t, "currency: euro\nserver:\n  http: 5\n  grcp: x\n"),
		Environ: []string{"CHURNWATCH_LOG_LEVEL=debug", "CHURNWATCH_TRAINING__SEED=x", "CHURNWATCH_DRIFT__CYCLE=1d"},
		Flags:   flags,
	})

	want := `configuration: 7 faults
  f.yaml:4: server.grcp is not a setting; did you mean server.grpc?
  f.yaml:3: server.http is 5; ` + quotes + `
  CHURNWATCH_LOG_LEVEL is not a setting; did you mean CHURNWATCH_LOG__LEVEL?
  CHURNWATCH_TRAINING__SEED: training.seed is "x"; allowed: a whole number from 0
  f.yaml:1: currency is euro; allowed: a three-letter code of ISO 4217, such as EUR
  --threads: database.threads is -2; allowed: 0 to 1024
  CHURNWATCH_DRIFT__CYCLE: drift.cycle is 1d; allowed: whole days, 7d to 365d`
	if diff := cmp.Diff(want, told(err)); diff != "" {
		t.Errorf("said (-want +got):\n%s", diff)
	}
	faults, ok := errors.AsType[config.FaultsError](err)
	if !ok || len(faults) != 7 || faults[1].Origin.Line != 3 {
		t.Errorf("faults = %#v, want seven, the second on line 3", faults)
	}
}

func TestAnUnknownVariableIsNamedWithoutItsValue(t *testing.T) {
	_, err := config.Load(config.Options{Environ: []string{"CHURNWATCH_MAIL_PASSWORD=hunter2"}})
	want := "configuration: CHURNWATCH_MAIL_PASSWORD is not a setting; `churnwatch config show` lists them"
	if diff := cmp.Diff(want, told(err)); diff != "" {
		t.Errorf("said (-want +got):\n%s", diff)
	}
}

func TestAVariableThatAlmostLooksLikeAServiceLinkIsRefused(t *testing.T) {
	_, err := config.Load(config.Options{Environ: []string{"CHURNWATCH_PORT=8080"}})
	if err == nil {
		t.Error("CHURNWATCH_PORT=8080 was taken in silence")
	}
}

func TestAFileThatCannotBeReadSaysWhy(t *testing.T) {
	for content, want := range map[string]string{
		"a: [":                     "did not find expected node content",
		"log: {}\nlog: {}":         `mapping key "log" already defined at line 1`,
		"- currency":               "cannot unmarshal",
		"currency: \"\x01\"":       "control characters are not allowed",
		"currency: EUR\n\tlog: {}": "line 2",
	} {
		_, err := config.Load(config.Options{File: write(t, content)})
		if got := told(err); !strings.HasPrefix(got, "read configuration f.yaml: ") || !strings.Contains(got, want) {
			t.Errorf("%q: said %q, want %q in it", content, got, want)
		}
	}
	_, err := config.Load(config.Options{File: filepath.Join(t.TempDir(), "none.yaml")})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v, want ErrNotExist", err)
	}
}

// write makes f.yaml the only file of a new working folder.
func write(t *testing.T, content string) string {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("f.yaml", []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return "f.yaml"
}

func told(err error) string {
	if err == nil {
		return "nothing"
	}
	return err.Error()
}
