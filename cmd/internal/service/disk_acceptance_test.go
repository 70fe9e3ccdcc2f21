//go:build acceptance

package service_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// disk is a small one of its own, in memory.
type disk struct {
	t   *testing.T
	dir string
}

// newDisk mounts a disk of so many bytes.
func newDisk(t *testing.T, bytes int64) disk {
	t.Helper()
	d := disk{t, filepath.Join(t.TempDir(), "disk")}
	if err := os.Mkdir(d.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	err := syscall.Mount("churnwatch", d.dir, "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, fmt.Sprint("size=", bytes))
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.ENOSYS) {
		t.Skipf("*** SKIPPED: a small disk can't be mounted (%v): run this as root ***", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(d.dir, syscall.MNT_DETACH); err != nil { // Somebody may look at it: an indexer, a backup.
			t.Errorf("unmount: %v", err)
		}
	})
	return d
}

// free is how many bytes the disk has left.
func (d disk) free() int64 {
	d.t.Helper()
	var s syscall.Statfs_t
	if err := syscall.Statfs(d.dir, &s); err != nil {
		d.t.Fatal(err)
	}
	return int64(s.Bavail) * s.Bsize
}

// leave fills the disk with ballast until so many bytes are left.
func (d disk) leave(bytes int64) {
	d.t.Helper()
	file, err := os.OpenFile(filepath.Join(d.dir, "ballast"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err = file.Write(make([]byte, max(d.free()-bytes, 0))); err != nil && !errors.Is(err, syscall.ENOSPC) {
		d.t.Error(err)
	}
	if err := file.Close(); err != nil {
		d.t.Error(err)
	}
}

// relieve removes the ballast.
func (d disk) relieve() {
	d.t.Helper()
	if err := os.Remove(filepath.Join(d.dir, "ballast")); err != nil {
		d.t.Error(err)
	}
}
