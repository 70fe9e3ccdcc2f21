package deploy_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// instruction is one of a Dockerfile, on one line, with its stage from 0 on.
type instruction struct {
	stage      int
	word, rest string
}

// instructions reads a Dockerfile: comments fall away and lines that go on are
// joined.
func instructions(text string) (out []instruction) {
	stage := -1
	joined := regexp.MustCompile(`(?m)^\s*#.*\n`).ReplaceAllString(text, "")
	joined = strings.ReplaceAll(joined, "\\\n", " ")
	for line := range strings.Lines(joined) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if word == "" {
			continue
		}
		if word == "FROM" {
			stage++
		}
		out = append(out, instruction{stage, word, strings.Join(strings.Fields(rest), " ")})
	}
	return out
}

// faults are what is wrong with a Dockerfile, by the rules that ours keeps to.
// Their names in brackets are hadolint's, where it has them.
func faults(text string) (out []string) {
	fault := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	args, stages, last := map[string]string{}, []string{}, map[string]string{}
	all := instructions(text)
	final := all[len(all)-1].stage
	pinned := regexp.MustCompile(`(:[\w.-]*\d[\w.-]*|-debian\d+:nonroot|@sha256:[0-9a-f]{64})$`)
	for _, i := range all {
		if i.stage == final {
			last[i.word] = i.rest
		}
		switch i.word {
		case "ARG":
			name, value, _ := strings.Cut(i.rest, "=")
			args["${"+name+"}"] = value
		case "FROM":
			image, name, _ := strings.Cut(i.rest, " AS ")
			if v, ok := args[image]; ok {
				image = v
			}
			if !pinned.MatchString(image) {
				fault("the image %s has no exact tag or digest (DL3006, DL3007)", image)
			}
			if slices.Contains(stages, name) {
				fault("the stage %s is there twice (DL3024)", name)
			}
			stages = append(stages, name)
		case "ADD":
			fault("ADD %s: COPY does what is meant (DL3020)", i.rest)
		case "MAINTAINER":
			fault("MAINTAINER is no more (DL4000)")
		case "COPY":
			if from := regexp.MustCompile(`--from=(\S+)`).FindStringSubmatch(i.rest); from != nil && !slices.Contains(stages, from[1]) {
				fault("COPY from the stage %s, which is none before it (DL3022)", from[1])
			}
		case "RUN":
			if i.stage == final {
				fault("RUN %s: the last stage has no shell", i.rest)
			}
			if strings.Contains(i.rest, "sudo ") || strings.Contains(i.rest, "curl ") || strings.Contains(i.rest, "| sh") {
				fault("RUN %s: what is fetched is not checked (DL3004, DL4006)", i.rest)
			}
		case "ENTRYPOINT", "CMD":
			if !strings.HasPrefix(i.rest, "[") {
				fault("%s %s: as a list, so that signals reach the program (DL3025)", i.word, i.rest)
			}
		case "WORKDIR":
			if !strings.HasPrefix(i.rest, "/") {
				fault("WORKDIR %s is not absolute (DL3000)", i.rest)
			}
		}
	}
	if !regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(last["USER"]) {
		fault("the user %q is root, or no number (DL3002)", last["USER"])
	}
	for _, word := range []string{"HEALTHCHECK", "ENTRYPOINT", "CMD", "STOPSIGNAL", "EXPOSE"} {
		if last[word] == "" {
			fault("the last stage says no %s", word)
		}
	}
	return out
}

func TestTheDockerfileKeepsToItsRules(t *testing.T) {
	text, err := os.ReadFile("docker/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string(nil), faults(string(text))); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestFaultsOfADockerfileAreFound(t *testing.T) {
	got := faults("ARG A=golang\nFROM ${A} AS build\nADD x /x\nRUN curl x | sh\n# a comment\nFROM debian:latest\nWORKDIR x\nCOPY --from=other \\\n  /a /b\nRUN true\nCMD serve\nUSER root\n")
	for _, want := range []string{"DL3006", "DL3020", "DL4006", "debian:latest", "DL3000", "DL3022", "no shell", "DL3025", "DL3002", "HEALTHCHECK", "ENTRYPOINT", "STOPSIGNAL", "EXPOSE"} {
		if !slices.ContainsFunc(got, func(f string) bool { return strings.Contains(f, want) }) {
			t.Errorf("no fault tells of %s: %q", want, got)
		}
	}
}
