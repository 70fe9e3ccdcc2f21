package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // for systems without zone files

	"github.com/churnwatch/churnwatch/scoring/retention/guard"
)

// rule is what a value must be: in words for people, and as a test.
type rule[T any] struct {
	allowed string
	holds   func(T) bool
}

func between[T int | float64 | Duration](low, high T) rule[T] {
	return rule[T]{
		allowed: fmt.Sprintf("%v to %v", low, high),
		holds:   func(v T) bool { return low <= v && v <= high },
	}
}

// shareAbove is a share above a bound, below 1. NaN is none.
func shareAbove(low float64) rule[float64] {
	return rule[float64]{
		allowed: fmt.Sprintf("more than %v and less than 1", low),
		holds:   func(v float64) bool { return low < v && v < 1 },
	}
}

func sizeBetween(low, high Size) rule[Size] {
	return rule[Size]{
		allowed: fmt.Sprintf("%v to %v", low, high),
		holds:   func(v Size) bool { return low <= v && v <= high },
	}
}

// wholeDays is what a window needs: it is reported as a number of days.
func wholeDays(low, high int) rule[Duration] {
	return rule[Duration]{
		allowed: fmt.Sprintf("whole days, %v to %v", Days(low), Days(high)),
		holds: func(v Duration) bool {
			return v.Std()%day == 0 && Days(low) <= v && v <= Days(high)
		},
	}
}

// orNever also lets a duration be 0, which means never.
func orNever(r rule[Duration]) rule[Duration] {
	return rule[Duration]{
		allowed: r.allowed + ", or 0 for never",
		holds:   func(v Duration) bool { return v == 0 || r.holds(v) },
	}
}

func oneOf(names ...string) rule[string] {
	return rule[string]{
		allowed: strings.Join(names, ", "),
		holds:   func(v string) bool { return slices.Contains(names, v) },
	}
}

func anything[T any]() rule[T] {
	return rule[T]{holds: func(T) bool { return true }}
}

func present() rule[string] {
	return rule[string]{allowed: "a name", holds: func(v string) bool { return strings.TrimSpace(v) != "" }}
}

func currency() rule[string] {
	code := regexp.MustCompile(`^[A-Z]{3}$`)
	return rule[string]{allowed: "a three-letter code of ISO 4217, such as EUR", holds: code.MatchString}
}

// timeZone refuses "Local" too, which means something else on each machine.
func timeZone() rule[string] {
	return rule[string]{
		allowed: "a name of the IANA time zone database, such as UTC or Europe/Berlin",
		holds: func(v string) bool {
			_, err := time.LoadLocation(v)
			return err == nil && v != "" && v != "Local"
		},
	}
}

// dimensions are columns of customers, each once.
func dimensions() rule[[]string] {
	column := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	return rule[[]string]{
		allowed: "up to 20 different columns of customers, in lower case, such as [channel, region]",
		holds: func(v []string) bool {
			sorted := slices.Sorted(slices.Values(v))
			return len(v) <= 20 && len(slices.Compact(sorted)) == len(v) &&
				!slices.ContainsFunc(v, func(name string) bool { return !column.MatchString(name) })
		},
	}
}

// someOf is any of some names, each once.
func someOf(names []string) rule[[]string] {
	return rule[[]string]{
		allowed: "any of " + strings.Join(names, ", ") + ", each once",
		holds: func(v []string) bool {
			sorted := slices.Sorted(slices.Values(v))
			return len(slices.Compact(sorted)) == len(v) &&
				!slices.ContainsFunc(v, func(name string) bool { return !slices.Contains(names, name) })
		},
	}
}

// networks are blocks of addresses.
func networks() rule[[]string] {
	return rule[[]string]{
		allowed: "networks such as 10.0.0.0/8 or 127.0.0.1/32",
		holds: func(v []string) bool {
			return !slices.ContainsFunc(v, func(text string) bool {
				_, err := netip.ParsePrefix(text)
				return err != nil
			})
		},
	}
}

// files are paths, each once.
func files() rule[[]string] {
	return rule[[]string]{
		allowed: "up to 20 different paths of files",
		holds: func(v []string) bool {
			sorted := slices.Sorted(slices.Values(v))
			return len(v) <= 20 && len(slices.Compact(sorted)) == len(v) &&
				!slices.ContainsFunc(v, func(path string) bool { return strings.TrimSpace(path) == "" })
		},
	}
}

// readable is what a reader takes.
func readable[T, U any](allowed string, read func(T) (U, error)) rule[T] {
	return rule[T]{allowed: allowed, holds: func(v T) bool {
		_, err := read(v)
		return err == nil
	}}
}

func businessHours() rule[string] {
	return readable("hours such as mon-fri 09:00-17:00, or nothing", func(v string) (guard.Business, error) { return guard.ReadBusiness(v, nil) })
}

func holidays() rule[[]string] {
	return readable("days such as 2026-12-25", func(v []string) (guard.Business, error) { return guard.ReadBusiness("", v) })
}

// address is where a listener is. Off loopback the listener itself asks for an
// API key.
func address() rule[string] {
	return rule[string]{
		allowed: "a host or nothing, a colon and a port, such as 127.0.0.1:8080, [::1]:8080 or :8080",
		holds:   isAddress,
	}
}

// orNothing also lets a text be empty.
func orNothing(r rule[string]) rule[string] {
	return rule[string]{allowed: r.allowed + ", or nothing", holds: func(v string) bool { return v == "" || r.holds(v) }}
}

// collector reads the address of a collector of traces.
func collector(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, err
	case text != "" && (u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.User != nil || strings.HasSuffix(text, "/")):
		return nil, fmt.Errorf("%q is no address of a collector", text)
	}
	return u, nil
}

func isAddress(text string) bool {
	host, port, err := net.SplitHostPort(text)
	if err != nil || strings.ContainsAny(host, " /@") {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// anyPort tells whether the system picks the port of address.
func anyPort(address string) bool {
	_, port, err := net.SplitHostPort(address)
	return err == nil && strings.Trim(port, "0") == ""
}
