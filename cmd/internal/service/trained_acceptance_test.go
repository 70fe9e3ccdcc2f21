//go:build acceptance

package service_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

// quickTraining lets a child train on few cutoffs.
const quickTraining = "CHURNWATCH_TEST_SETTINGS=CHURNWATCH_TRAINING__MAX_CUTOFFS=2"

// trainings waits for models that a server trains.
type trainings struct {
	// held is how many models are known to be stored.
	held int
	// last is how long the last step of a training took, the storing included.
	last time.Duration
}

// until waits until a model has just been stored, or where one is coming until the
// last step of its training has begun. It returns within what time to kill so that
// about half of the kills come before the model is active and half after.
func (w *trainings) until(t *testing.T, address string, coming bool) time.Duration {
	t.Helper()
	every := time.NewTicker(2 * time.Millisecond)
	defer every.Stop()
	var began time.Time
	for end := time.Now().Add(10 * time.Minute); time.Now().Before(end); <-every.C {
		held, _, err := modelsOf(address)
		if err != nil {
			t.Fatal(err)
		}
		if held > w.held {
			w.held = held
			if !began.IsZero() {
				w.last = time.Since(began)
			}
			return 20 * time.Millisecond
		}
		if began.IsZero() && validating(t, address) {
			began = time.Now()
			if coming && w.last > 0 {
				return 2 * w.last
			}
		}
	}
	t.Fatalf("no model was trained besides the %d that are there", w.held)
	return 0
}

// validating reports whether a training is at its last step.
func validating(t *testing.T, address string) bool {
	t.Helper()
	var list struct {
		Operations []operation
	}
	if err := getJSON(address, "/v1/operations", &list); err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(list.Operations, func(o operation) bool {
		return o.Kind == "train" && o.Status == "running" && slices.Contains(o.Steps, "validation")
	})
}

// modelsOf counts the models that a server holds, and those that are active.
func modelsOf(address string) (held, active int, err error) {
	var list struct {
		Models []struct{ Active bool }
	}
	if err := getJSON(address, "/v1/models", &list); err != nil {
		return 0, 0, err
	}
	for _, m := range list.Models {
		if m.Active {
			active++
		}
	}
	return len(list.Models), active, nil
}

// getJSON reads an answer that is no problem.
func getJSON(address, target string, into any) error {
	answer, err := http.Get("http://" + address + target)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", target, answer.Status)
	}
	return json.NewDecoder(answer.Body).Decode(into)
}

// checkOneActive asks that all models are there that are known to be stored, and
// that one of them is active. It returns how many there are.
func checkOneActive(t *testing.T, address string, least int) (held int) {
	t.Helper()
	held, active, err := modelsOf(address)
	if err != nil {
		t.Fatal(err)
	}
	if active != 1 || held < least {
		t.Errorf("%d of %d models are active, %d were stored", active, held, least)
	}
	return held
}
