package webhook_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/churnwatch/churnwatch/model"
)

// full is a store on a disk that has no room for a while.
type full struct {
	model.WebhookStore

	now     atomic.Bool
	refused atomic.Int64
}

func (f *full) SaveDeliveries(ctx context.Context, news []model.Deliveries) error {
	if f.now.Load() {
		f.refused.Add(1)
		return model.Wrap(model.KindExhausted, "disk", errors.New("no space left"))
	}
	return f.WebhookStore.SaveDeliveries(ctx, news)
}

func TestDeliveriesGoOnWhileNothingCanBeKept(t *testing.T) {
	w := newWorld(t, quick())
	disk := &full{WebhookStore: w.store}
	w.options.Store = disk
	w.renew()
	broken, well := listen(t, status(http.StatusInternalServerError)), listen(t, status(http.StatusOK))
	w.run()
	failing, _ := w.add(broken.URL)
	healthy, _ := w.add(well.URL)
	disk.now.Store(true)
	seen := map[string]bool{}
	for len(seen) < 3 || disk.refused.Load() < 2 {
		w.open("ann")
		m := well.next(t)
		if seen[m.id] {
			t.Errorf("%s came twice", m.id)
		}
		seen[m.id] = true
	}
	if r := w.receiver(healthy); r.Cursors[model.FeedTriggers] != 0 || r.LastSuccessAt != nil {
		t.Errorf("nothing could be kept, but this was: %+v", r)
	}
	disk.now.Store(false)
	eventually(t, "all is kept", func() bool {
		return w.receiver(healthy).Cursors[model.FeedTriggers] == model.Sequence(len(seen)) && w.receiver(failing).Waiting > 0
	})
	if text := w.log.String(); !strings.Contains(text, "what became of webhooks could not be kept yet") {
		t.Errorf("log: %s", text)
	}
}
