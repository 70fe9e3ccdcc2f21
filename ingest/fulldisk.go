package ingest

import (
	"errors"
	"syscall"

	"github.com/churnwatch/churnwatch/model"
)

// kindedIfFull gives the error of a full disk its kind; others stay as they are.
func kindedIfFull(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return model.Wrap(model.KindExhausted, "the disk is full: free some space beside the database", err)
	}
	return err
}
