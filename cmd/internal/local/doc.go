// Package local lets commands work through the server that holds the database.
//
// A DuckDB file has one owner at a time. While `churnwatch serve` owns it, a
// socket stands beside it, and every other command of the same user sends its
// command line there, with the files that it reads, and prints what comes back.
//
// The socket is `<database>.sock`, mode 0600 from its first moment. A path of
// more than 107 bytes, the most that a socket can have, becomes
// churnwatch-<hash>.sock in $XDG_RUNTIME_DIR, or in a private folder of the
// system's temporary one. Both ends resolve the database's path in the same
// way, and both check that the other one runs as the same user.
package local
