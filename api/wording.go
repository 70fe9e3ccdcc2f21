package api

import "regexp"

// aTime is how a time is written.
const aTime = "is no time: write it as 2026-06-29T12:00:00Z"

// librariesWords are the messages of libraries that read requests, with what a client is
// told instead. Some of them have a space that is none, so that nobody compares them.
var librariesWords = []struct {
	pattern *regexp.Regexp
	told    string
}{
	{regexp.MustCompile(`(?:strconv\.)?Parse(?:Int|Uint): parsing ("(?:[^"\\]|\\.)*"): .*$`), `$1 is no whole number, or too large`},
	{regexp.MustCompile(`(?:strconv\.)?ParseFloat: parsing ("(?:[^"\\]|\\.)*"): .*$`), `$1 is no number`},
	{regexp.MustCompile(`(?:strconv\.)?ParseBool: parsing ("(?:[^"\\]|\\.)*"): .*$`), `$1 is neither true nor false`},
	{regexp.MustCompile(`parsing time ("(?:[^"\\]|\\.)*").*$`), `$1 ` + aTime},
	{regexp.MustCompile(`invalid google\.protobuf\.Timestamp value ("(?:[^"\\]|\\.)*")`), `$1 ` + aTime},
	{regexp.MustCompile(`^parsing field "(\w+)": `), `$1: `},
	{regexp.MustCompile(`proto:[ \x{a0}]*(?:syntax error )?(?:\((line [0-9:]+)\):[ \x{a0}]*)?`), `$1: `},
}

// worded says a library's message in our words.
func worded(message string) string {
	for _, f := range librariesWords {
		message = f.pattern.ReplaceAllString(message, f.told)
	}
	return message
}
