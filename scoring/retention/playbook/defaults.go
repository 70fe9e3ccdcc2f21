package playbook

import _ "embed" // the default playbooks

//go:embed defaults.yaml
var defaults string

// Defaults are the playbooks that come with the program.
func Defaults() Source { return Source{Name: "defaults.yaml", Text: defaults} }
