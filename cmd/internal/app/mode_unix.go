//go:build unix

package app

import "syscall"

// forOwnerAlone lets only the user of this process read the files that it makes
// from now on. The database makes its files itself, by the mode that the process
// has; it holds personal data and the secrets of webhooks.
func forOwnerAlone() { syscall.Umask(0o077) }
