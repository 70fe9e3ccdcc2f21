package api

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/churnwatch/churnwatch/api/page"
)

const largestBody = 1 << 20

// routes returns everything that HTTP serves.
func (s *Server) routes(gateway http.Handler) (http.Handler, error) {
	mux := http.NewServeMux()
	handle := func(pattern string, h http.Handler) {
		mux.Handle("GET "+pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			noteRoute(r.Context(), routeOf(pattern))
			h.ServeHTTP(w, r)
		}))
	}
	handle("/healthz", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { writeStatus(w, http.StatusOK, "ok") }))
	handle("/readyz", http.HandlerFunc(s.serveReady))
	handle("/openapi.json", s.zip(http.HandlerFunc(serveOpenAPI)))
	handle("/metrics", promhttp.HandlerFor(s.options.Registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, ErrorLog: metricsLog{s},
	}))
	pages, err := page.Routes(openAPI)
	if err != nil {
		return nil, err
	}
	for pattern, handler := range pages {
		handle(pattern, s.zip(handler))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, r, http.StatusNotFound, "there is no such address; /docs lists what there is")
	})
	all := below("/v1/", s.zip(gateway), http.MaxBytesHandler(mux, largestBody))
	return identified(s.traced(s.observed(s.secured(s.gated(all))))), nil
}

// below sends what stands below a prefix to one handler, as it is: a mux would
// clean the path, and an id may be "..".
func below(prefix string, there, elsewhere http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, prefix) {
			there.ServeHTTP(w, r)
			return
		}
		elsewhere.ServeHTTP(w, r)
	})
}

func routeOf(pattern string) string {
	switch {
	case pattern == "/{$}":
		return "/"
	case strings.HasPrefix(pattern, "/assets/"):
		return "/assets/{file}"
	}
	return pattern
}

// secured sets headers that keep browsers from doing more than showing.
func (s *Server) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		if s.tls != nil {
			header.Set("Strict-Transport-Security", "max-age=31536000")
		}
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		header.Set("Cross-Origin-Resource-Policy", "same-site")
		next.ServeHTTP(w, r)
	})
}

func writeStatus(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_, _ = fmt.Fprintf(w, "{\"status\":%q}\n", text) // The client is gone when this fails.
}

// metricsLog takes what promhttp complains about.
type metricsLog struct{ *Server }

// Println logs an error of a scrape.
func (m metricsLog) Println(v ...any) { m.log.Error("metrics", slog.String("error", fmt.Sprint(v...))) }
