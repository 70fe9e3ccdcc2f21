package api

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/churnwatch/churnwatch/model"
)

// longestProfile bounds a profile or a trace of the running program.
const longestProfile = 5 * time.Minute

// newAdmin serves what those who run the program need to look into it: profiles of
// it, its metrics and its health, away from what clients can reach.
func (s *Server) newAdmin() *http.Server {
	mux := http.NewServeMux()
	handle := func(pattern, route string, h http.HandlerFunc) {
		mux.HandleFunc("GET "+pattern, func(w http.ResponseWriter, r *http.Request) {
			noteRoute(r.Context(), route)
			h(w, r)
		})
	}
	handle("/debug/pprof/", "/debug/pprof/{profile}", pprof.Index)
	handle("/debug/pprof/cmdline", "/debug/pprof/{profile}", pprof.Cmdline)
	handle("/debug/pprof/profile", "/debug/pprof/{profile}", pprof.Profile)
	handle("/debug/pprof/trace", "/debug/pprof/{profile}", pprof.Trace)
	handle("/debug/pprof/symbol", "/debug/pprof/{profile}", pprof.Symbol)
	handle("/healthz", "/healthz", func(w http.ResponseWriter, _ *http.Request) { writeStatus(w, http.StatusOK, "ok") })
	handle("/readyz", "/readyz", s.serveReady)
	handle("/metrics", "/metrics", promhttp.HandlerFor(s.options.Registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, ErrorLog: metricsLog{s}}).ServeHTTP)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, r, http.StatusNotFound, "there is no such address; /debug/pprof/ lists what there is")
	})
	server := s.newHTTP(identified(s.observed(s.secured(s.adminGated(http.MaxBytesHandler(mux, largestBody))))))
	server.WriteTimeout = longestProfile
	return server
}

// adminGated lets in this machine while no API key exists, and then whoever has one
// with the scope admin: a profile of the memory holds what is in it.
func (s *Server) adminGated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch why := foreign(r); {
		case s.options.Keys.Any():
			if !s.admitted(w, r, model.ScopeAdmin) {
				return
			}
		case why != "":
			refuse(w, r, http.StatusForbidden, why+"; without API keys only this machine may call, as localhost, 127.0.0.1 or [::1]")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// serveAdmin serves the admin listener, where there is one.
func (s *Server) serveAdmin() error {
	if s.adminListener == nil {
		return nil
	}
	if err := s.serveOn(s.admin, s.adminListener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve admin: %w", err)
	}
	return nil
}

// AdminAddress returns where profiles are served, "" for nowhere.
func (s *Server) AdminAddress() string {
	if s.adminListener == nil {
		return ""
	}
	return s.adminListener.Addr().String()
}

// closeAll closes listeners that are open.
func closeAll(listeners ...net.Listener) (err error) {
	for _, l := range listeners {
		if l != nil {
			err = errors.Join(err, l.Close())
		}
	}
	return err
}
