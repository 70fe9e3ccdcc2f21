package config_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/cmd/internal/config"
)

func TestADurationIsReadBackAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := config.Duration(rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "nanoseconds"))
		if rapid.Bool().Draw(t, "whole days") {
			want = config.Days(rapid.IntRange(-100_000, 100_000).Draw(t, "days"))
		}
		got, err := config.ParseDuration(want.String())
		if err != nil || got != want {
			t.Errorf("%d as %s is read as %d, %v", want, want, got, err)
		}
	})
}

func TestADurationWithoutSenseIsRefused(t *testing.T) {
	for _, text := range []string{"", "d", "90", "1.5d", "1d-2h", "--1d", "-", "1d1d", "d5h", "90 d", "200000d", "5000000000d", "1w", "106751d24h"} {
		if got, err := config.ParseDuration(text); err == nil {
			t.Errorf("%q is read as %s", text, got)
		}
	}
}

func TestASizeIsReadBackAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := config.Size(rapid.Int64Min(0).Draw(t, "bytes"))
		if rapid.Bool().Draw(t, "round") {
			unit := rapid.SampledFrom([]int64{1, 1e3, 1 << 10, 1e6, 1 << 20, 1e9, 1 << 30, 1e12, 1 << 40}).Draw(t, "unit")
			want = config.Size(rapid.Int64Range(0, 5000).Draw(t, "n") * unit)
		}
		got, err := config.ParseSize(want.String())
		if err != nil || got != want {
			t.Errorf("%d as %s is read as %d, %v", want, want, got, err)
		}
	})
}

func TestASizeWithoutSenseIsRefused(t *testing.T) {
	for _, text := range []string{"", "B", "1", "1.5GB", "-1GB", "1gb", "1 G", "9999999999TB", "GB", "0x10MB"} {
		if got, err := config.ParseSize(text); err == nil {
			t.Errorf("%q is read as %s", text, got)
		}
	}
}

func ExampleParseDuration() {
	for _, text := range []string{"90d", "36h", "1d30m", "10s", "0"} {
		d, err := config.ParseDuration(text)
		fmt.Println(d, d.Days(), d.Std() >= time.Hour, err)
	}
	// Output:
	// 90d 90 true <nil>
	// 1d12h 1 true <nil>
	// 1d30m 1 true <nil>
	// 10s 0 false <nil>
	// 0s 0 false <nil>
}

func ExampleParseSize() {
	for _, text := range []string{"1GB", "1GiB", "1024 MiB", "1500MB"} {
		s, err := config.ParseSize(text)
		fmt.Println(s, s.Bytes(), err)
	}
	// Output:
	// 1GB 1000000000 <nil>
	// 1GiB 1073741824 <nil>
	// 1GiB 1073741824 <nil>
	// 1500MB 1500000000 <nil>
}
