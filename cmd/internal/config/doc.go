// Package config is what a user may set, where each value came from, and what
// is wrong with it.
//
// Four layers are read, each over the one before: [Default], a YAML file, the
// environment, and the flags of the command line. `server.http` in the file is
// CHURNWATCH_SERVER__HTTP in the environment. A name that is no setting fails
// in every layer, with the nearest one that is; so does a value of the wrong
// kind. Nothing is rounded, cut or dropped in silence, and all faults are told
// at once.
//
// One table (settings.go) holds a setting's path, its flag, its comment and its
// rule, so that the example file, `config show` and the checks cannot differ.
package config
