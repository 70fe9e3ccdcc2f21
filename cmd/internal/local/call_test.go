package local_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/local"
	"github.com/churnwatch/churnwatch/model"
)

func TestACommandRunsInTheServerAsItWouldInTheClient(t *testing.T) {
	var got local.Call
	database, _ := serve(t, func(_ context.Context, c local.Call) int {
		got = c
		fmt.Fprint(c.Stdout, "a row\n")
		fmt.Fprint(c.Stderr, "a remark\n")
		return 3
	})
	cfg := config.Default()
	cfg.Currency = "CHF"

	exit, stdout, stderr, err := call(t.Context(), t, database, local.Request{
		Args: []string{"train", "--as-of", "2026-01-01"}, Config: cfg, Terminal: true, Progress: true,
	})

	if err != nil || exit != 3 || stdout != "a row\n" || stderr != "a remark\n" {
		t.Errorf("exit %d, stdout %q, stderr %q, error %v", exit, stdout, stderr, err)
	}
	want := local.Call{Args: []string{"train", "--as-of", "2026-01-01"}, Config: cfg, Terminal: true, Progress: true, Inputs: map[string]string{}}
	got.Stdout, got.Stderr = nil, nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("call (-want +got):\n%s", diff)
	}
}

func TestOutputOfAnySizeComesWholeAndInOrder(t *testing.T) {
	var want strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&want, "%d\n", i)
	}
	database, _ := serve(t, func(_ context.Context, c local.Call) int {
		_, _ = io.WriteString(c.Stdout, want.String())
		_, _ = io.WriteString(c.Stdout, "end")
		return 0
	})
	_, stdout, _, err := call(t.Context(), t, database, local.Request{})
	if err != nil || stdout != want.String()+"end" {
		t.Errorf("%d bytes, want %d; error %v", len(stdout), want.Len()+3, err)
	}
}

func TestEverySettingSurvivesTheWay(t *testing.T) {
	cfg := config.Config{
		Database: config.Database{Path: "x.duckdb", MemoryLimit: 3<<30 + 1, TempDirectory: "t", KeepFree: 5e6, Threads: 7},
		Currency: "SEK", TimeZone: "Europe/Stockholm",
		Ingest:       config.Ingest{ChunkBytes: 1<<20 + 1, QuarantineKeep: config.Days(3), MaxRejectedListed: 9, MaxBatch: 2 << 20, MaxStream: 3 << 20},
		Definition:   config.Definition{Kind: "cancellation", Horizon: config.Days(30), Lookback: config.Days(400)},
		Drift:        config.Drift{Cycle: config.Days(28), FalseAlarmsPer1000: 12.345678901234567},
		Training:     config.Training{CalendarStep: config.Days(14), MinHistory: config.Days(60), MaxCutoffs: 5, MaxRows: 1234, Seed: 1<<64 - 1, IntervalLevel: 0.8},
		Satisfaction: config.Satisfaction{HalfLife: config.Duration(36*time.Hour + 5*time.Minute), HalfLifeBasis: "configured", Cohort: "region"},
		Bands:        config.Bands{Medium: 0.1, High: 0.2},
		Freshness:    config.Freshness{MaxAge: config.Duration(90 * time.Minute)},
		Cohorts:      config.Cohorts{Dimensions: []string{"tier", "plan"}, MaxPerDimension: 3, MinimumCell: 2, MinimumAnswers: 7, RetentionMonths: 5},
		Boards:       config.Boards{Actions: "own.csv", Own: "group,trend,name,label,text\n"},
		Targets: config.Targets{
			DetractorResponse: 0.3, DetractorRetention: 0.5, PromoterReview: 0.2, PromoterReferral: 0.1, PassiveToPromoter: 0.15,
			ResurveyChange: 1.5, ReplyWindow: config.Days(7), AskWindow: config.Days(20), OutcomeWindow: config.Days(60),
			AgainFrom: config.Days(50), AgainUntil: config.Days(100), Period: config.Days(180),
		},
		Server:    config.Server{HTTP: "127.0.0.1:1", GRPC: "[::1]:2", ShutdownTimeout: config.Duration(time.Second), RescoreEvery: 0},
		Log:       config.Log{Level: "debug", Format: "json"},
		Quality:   config.Default().Quality,
		Retention: config.Default().Retention,
		Economics: config.Default().Economics,
		Surveys:   config.Default().Surveys,
		Webhooks:  config.Default().Webhooks,
	}
	cfg.Quality.LeakWarn, cfg.Quality.StaleWarn = 0.912345678901234567, cfg.Quality.StaleWarn+1
	cfg.Retention.SurveyEvery, cfg.Retention.ConsentUnknown = config.Days(120), "allow"
	cfg.Economics.Margin, cfg.Economics.Cost, cfg.Surveys.Seed = 0.123456789012345678, []string{"phone 8", "any 1.5"}, 7
	var got config.Config
	database, _ := serve(t, func(_ context.Context, c local.Call) int {
		got = c.Config
		return 0
	})
	if _, _, _, err := call(t.Context(), t, database, local.Request{Config: cfg}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(cfg, got); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
}

func TestAConfigurationThatIsNotAllowedIsRefused(t *testing.T) {
	database, _ := serve(t, func(context.Context, local.Call) int { return 0 })
	cfg := config.Default()
	cfg.Bands.High = 2
	_, _, _, err := call(t.Context(), t, database, local.Request{Config: cfg})
	if model.KindOf(err) != model.KindInvalid || !strings.Contains(fmt.Sprint(err), "bands.high") {
		t.Errorf("error %v, want one that names bands.high", err)
	}
}

func TestInputsReachTheCommandByteForByteAndAreGoneAfterwards(t *testing.T) {
	dir := folder(t)
	big := strings.Repeat("0123456789abcdef", 40_000) + "tail"
	inputs := map[string]string{
		write(t, filepath.Join(dir, "one", "orders.csv.gz"), big):  big,
		write(t, filepath.Join(dir, "two", "orders.csv.gz"), "b"):  "b",
		write(t, filepath.Join(dir, "empty.csv"), ""):              "",
		write(t, filepath.Join(dir, "with space & ü.ndjson"), "c"): "c",
		"-": "from standard input",
	}
	got, names := map[string]string{}, map[string]string{}
	var spooled []string
	database, server := serve(t, func(_ context.Context, c local.Call) int {
		for name, path := range c.Inputs {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Error(err)
			}
			got[name], names[name] = string(content), filepath.Base(path)
			spooled = append(spooled, path)
			info, err := os.Stat(filepath.Dir(filepath.Dir(path)))
			if err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("folder of the call: %v, %v", info.Mode(), err)
			}
		}
		return 0
	})

	var list []string
	for name := range inputs {
		list = append(list, name, name) // Twice on a command line is once here.
	}
	if _, _, _, err := call(t.Context(), t, database, local.Request{Inputs: list, Stdin: strings.NewReader("from standard input")}); err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff(inputs, got); diff != "" {
		t.Errorf("inputs (-want +got):\n%.2000s", diff)
	}
	for name := range inputs {
		want := filepath.Base(name)
		if name == "-" {
			want = "stdin"
		}
		if names[name] != want {
			t.Errorf("%s is spooled as %s, want %s", name, names[name], want)
		}
	}
	server.Stop(time.Second)
	for _, path := range spooled {
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("%s is still there: %v", path, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(database), "call-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestNamesNeverLeadOutOfTheSpool(t *testing.T) {
	for name, want := range map[string]string{
		"../../etc/passwd": "passwd", "..": "input", ".": "input", "/": "input", "a/..": "input",
		"-": "stdin", "x/" + long(300) + ".csv.gz": long(193) + ".csv.gz",
	} {
		if got := local.BaseOf(name); got != want {
			t.Errorf("%q is spooled as %q, want %q", name, got, want)
		}
	}
}

func TestStandardInputIsLeftAloneUnlessItIsAnInput(t *testing.T) {
	database, _ := serve(t, func(context.Context, local.Call) int { return 0 })
	in, out := io.Pipe()
	defer func() { _ = out.Close() }()
	if _, _, _, err := call(t.Context(), t, database, local.Request{Stdin: in}); err != nil {
		t.Error(err) // It would wait for the pipe.
	}
}

func TestAnInputThatCannotBeReadFailsBeforeTheCommandRuns(t *testing.T) {
	ran := false
	database, server := serve(t, func(context.Context, local.Call) int {
		ran = true
		return 0
	})
	_, _, _, err := call(t.Context(), t, database, local.Request{Inputs: []string{filepath.Join(t.TempDir(), "none.csv")}})
	server.Stop(time.Second)
	if model.KindOf(err) != model.KindInvalid || !strings.Contains(fmt.Sprint(err), "none.csv: no such file") || ran {
		t.Errorf("error %v, ran %v", err, ran)
	}
}

func TestAClientThatGoesAwayCancelsItsCommand(t *testing.T) {
	began, ended := make(chan struct{}), make(chan struct{})
	database, _ := serve(t, func(ctx context.Context, _ local.Call) int {
		close(began)
		<-ctx.Done()
		close(ended)
		return 1
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-began
		cancel()
	}()
	_, _, _, err := call(ctx, t, database, local.Request{})
	if err != context.Canceled { //nolint:errorlint // The very error, as a command without a server returns it.
		t.Errorf("error %v, want context.Canceled", err)
	}
	<-ended
}

func TestAClientThatWaitsForStandardInputCanBeInterrupted(t *testing.T) {
	database, _ := serve(t, func(context.Context, local.Call) int { return 0 })
	in, out := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = out.Write([]byte("a line"))
		cancel()
	}()
	_, _, _, err := call(ctx, t, database, local.Request{Inputs: []string{"-"}, Stdin: in})
	_ = out.Close()
	if err != context.Canceled { //nolint:errorlint // The very error.
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func TestStoppingLetsACommandEndAndThenCancelsIt(t *testing.T) {
	for _, patient := range []bool{true, false} {
		began, release := make(chan struct{}), make(chan struct{})
		var cancelled, ended bool
		database, server := serve(t, func(ctx context.Context, _ local.Call) int {
			close(began)
			select {
			case <-release:
			case <-ctx.Done():
				cancelled = true
			}
			ended = true
			return 0
		})
		answered := make(chan error, 1)
		go func() {
			_, _, _, err := call(context.Background(), t, database, local.Request{})
			answered <- err
		}()
		<-began
		if patient {
			go func() { close(release) }()
			server.Stop(time.Minute)
		} else {
			server.Stop(time.Millisecond)
		}
		if !ended || cancelled == patient {
			t.Errorf("patient %v: ended %v, cancelled %v", patient, ended, cancelled)
		}
		err := <-answered
		if patient && err != nil || !patient && model.KindOf(err) != model.KindUnavailable {
			t.Errorf("patient %v: the client hears %v", patient, err)
		}
	}
}
