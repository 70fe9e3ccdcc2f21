//go:build !unix

package app

// forOwnerAlone is left to the rights of the folder.
func forOwnerAlone() {}
