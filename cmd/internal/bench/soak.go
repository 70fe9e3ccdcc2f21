package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"gonum.org/v1/gonum/stat"

	"github.com/churnwatch/churnwatch/model"
)

// SoakRequest says how a running server is soaked.
type SoakRequest struct {
	// URL is where it serves HTTP, Key an API key with scores:read, insights:read
	// and metrics:read, "" for none.
	URL, Key string
	// Lasts is how long requests are sent, by so many Clients, and Every the time
	// between two looks at /metrics.
	Lasts, Every time.Duration
	Clients      int
	// Write also imports one answer of a made-up customer again and again, which
	// changes nothing after the first time.
	Write bool
}

// SoakResult tells whether a server held still under load.
type SoakResult struct {
	Minutes  float64  `json:"minutes"`
	Requests int64    `json:"requests"`
	Failed   int64    `json:"failed"`
	Samples  int      `json:"samples"`
	Trends   []Growth `json:"trends"`
}

// Growth is the trend of a figure of the process, by least squares over the time
// after the first fifth, which warms up.
type Growth struct {
	What  string  `json:"what"`
	First float64 `json:"first"`
	Mean  float64 `json:"mean"`
	Last  float64 `json:"last"`
	// PercentPerHour is the slope as a share of the mean, with the ends of its 95 %
	// interval as if samples were independent.
	PercentPerHour float64 `json:"percent_per_hour"`
	Low            float64 `json:"low"`
	High           float64 `json:"high"`
}

// soaked are the figures that must not grow.
var soaked = []string{"go_goroutines", "process_open_fds", "process_resident_memory_bytes", "go_memstats_heap_inuse_bytes", "churnwatch_database_memory_bytes"}

// soakPaths are what clients ask for.
var soakPaths = []string{
	"/v1/scores?page_size=50", "/v1/triggers?page_size=50", "/v1/painpoints", "/v1/cohorts", "/v1/drift", "/v1/models", "/metrics", "/readyz", "/v1/customers/nobody/score",
}

// soakAnswer is a row that is loaded once and unchanged from then on.
const soakAnswer = `[{"response_id":"soak-1","customer_id":"soak-customer","answered_at":"2020-01-01T00:00:00Z","kind":"nps","score":7}]`

// soak is a run.
type soak struct {
	SoakRequest

	client           *http.Client
	requests, failed atomic.Int64
	at               []float64 // hours
	samples          map[string][]float64
}

// Soak sends requests to a running server and tells how its goroutines, its
// descriptors and its memory grew meanwhile.
func Soak(ctx context.Context, r SoakRequest, clock func() time.Time) (SoakResult, error) {
	s := &soak{SoakRequest: r, client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: r.Clients + 1}}, samples: map[string][]float64{}}
	defer s.client.CloseIdleConnections()
	if err := s.sample(ctx, 0); err != nil {
		return SoakResult{}, model.Errorf(model.KindInvalid, "soak %s: %w", r.URL, err)
	}
	began := clock()
	during, cancel := context.WithTimeout(ctx, r.Lasts)
	defer cancel()
	group, during := errgroup.WithContext(during)
	for client := range r.Clients {
		group.Go(func() error { s.ask(during, client); return nil })
	}
	group.Go(func() error {
		ticker := time.NewTicker(r.Every)
		defer ticker.Stop()
		for {
			select {
			case <-during.Done():
				return nil
			case <-ticker.C:
				if err := s.sample(during, clock().Sub(began).Hours()); err != nil && during.Err() == nil {
					return err
				}
			}
		}
	})
	if err := group.Wait(); err != nil {
		return SoakResult{}, fmt.Errorf("soak %s: %w", r.URL, err)
	}
	out := SoakResult{Minutes: clock().Sub(began).Minutes(), Requests: s.requests.Load(), Failed: s.failed.Load(), Samples: len(s.at)}
	for _, what := range soaked {
		if values := s.samples[what]; len(values) == len(s.at) {
			out.Trends = append(out.Trends, trend(what, s.at, values))
		}
	}
	return out, ctx.Err()
}

// ask sends one request after the other until ctx ends.
func (s *soak) ask(ctx context.Context, client int) {
	for i := client; ctx.Err() == nil; i++ {
		method, path, body := http.MethodGet, soakPaths[i%len(soakPaths)], ""
		if s.Write && i%len(soakPaths) == 0 {
			method, path, body = http.MethodPost, "/v1/responses:import", soakAnswer
		}
		answer, err := s.send(ctx, method, path, body)
		if err == nil {
			_, err = io.Copy(io.Discard, answer.Body)
			_ = answer.Body.Close()
		}
		if ctx.Err() != nil {
			return
		}
		s.requests.Add(1)
		if err != nil || answer.StatusCode >= http.StatusInternalServerError {
			s.failed.Add(1)
		}
	}
}

func (s *soak) send(ctx context.Context, method, path, body string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, s.URL+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if s.Key != "" {
		request.Header.Set("Authorization", "Bearer "+s.Key)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	return s.client.Do(request)
}

// sample reads the figures of the process.
func (s *soak) sample(ctx context.Context, hours float64) (err error) {
	answer, err := s.send(ctx, http.MethodGet, "/metrics", "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("/metrics: %s", answer.Status)
	}
	s.at = append(s.at, hours)
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		for _, what := range soaked {
			if text, found := strings.CutPrefix(lines.Text(), what+" "); found {
				v, err := strconv.ParseFloat(text, 64)
				if err != nil {
					return fmt.Errorf("%s: %w", what, err)
				}
				s.samples[what] = append(s.samples[what], v)
			}
		}
	}
	return lines.Err()
}

// trend fits a line through what comes after the first fifth. Fewer than three
// samples have no trend, and NaN for an interval.
func trend(what string, at, values []float64) Growth {
	warm := len(at) / 5
	at, values = at[warm:], values[warm:]
	g := Growth{What: what, First: values[0], Last: values[len(values)-1], Mean: stat.Mean(values, nil)}
	if len(at) < 3 {
		return g
	}
	alpha, beta := stat.LinearRegression(at, values, nil, false)
	residual, spread, middle := 0.0, 0.0, stat.Mean(at, nil)
	for i := range at {
		residual += math.Pow(values[i]-alpha-beta*at[i], 2)
		spread += math.Pow(at[i]-middle, 2)
	}
	const normal95 = 1.96
	half := normal95 * math.Sqrt(residual/float64(len(at)-2)/spread)
	share := 100 / g.Mean
	g.PercentPerHour, g.Low, g.High = beta*share, (beta-half)*share, (beta+half)*share
	return g
}
