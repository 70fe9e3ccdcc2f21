package config

import "strings"

// Example is a YAML file that sets everything to its default and says what it
// is: reading it back changes nothing.
func Example() string {
	defaults := Default()
	var b strings.Builder
	b.WriteString("# Every setting of churnwatch with its default. Give the file with --config.\n" +
		"# The environment overrides it (server.http is CHURNWATCH_SERVER__HTTP), and\n" +
		"# flags override both.\n")
	for _, section := range sections {
		b.WriteString("\n# " + section.comment + ".\n")
		indent := ""
		if section.name != "" {
			b.WriteString(section.name + ":\n")
			indent = "  "
		}
		for _, s := range settings {
			if s.section() == section.name {
				b.WriteString(indent + s.name() + ": " + s.text(defaults) + " # " + s.comment + "\n")
			}
		}
	}
	return b.String()
}
