package warehousetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
)

// receiver is one with everything that can be set.
func receiver(id string) model.Receiver {
	return model.Receiver{
		ID: id, Name: "tool", URL: "https://tool.example/hooks", Types: []string{"trigger.*"}, CreatedAt: asOf,
		State: model.ReceiverActive, FailingSince: new(asOf.Add(time.Minute)), LastSuccessAt: new(asOf.Add(time.Second)), Reason: "500",
		Cursors: map[model.Feed]model.Sequence{model.FeedErasures: 0, model.FeedTriggers: 3, model.FeedScores: 1 << 60},
		Secrets: []model.ReceiverSecret{
			{Text: "whsec_bmV3", CreatedAt: asOf.Add(time.Hour)},
			{Text: "whsec_b2xk", CreatedAt: asOf, EndsAt: new(asOf.Add(2 * time.Hour))},
		},
	}
}

// undelivered is a waiting event of a receiver about a customer.
func undelivered(receiver, id, customer string) model.Undelivered {
	return model.Undelivered{
		ReceiverID: receiver, EventID: id, Feed: model.FeedTriggers, Sequence: 7, Type: "trigger.open", CustomerID: customer,
		Payload: []byte(`{"data":"about ` + customer + ` \"quoted\""}`), FirstAt: asOf, Attempts: 2, DueAt: new(asOf.Add(time.Hour)), Reason: "timeout",
	}
}

func receiversComeBack(t *testing.T, e Engine) {
	t.Helper()
	dir := t.TempDir()
	w := e.openIn(t, dir)
	first, second := receiver("wh_1"), receiver("wh_2")
	second.CreatedAt, second.Types, second.FailingSince, second.LastSuccessAt = asOf.Add(time.Second), []string{}, nil, nil
	for _, r := range []model.Receiver{second, first, receiver("wh_3")} {
		if err := w.SaveReceiver(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.RemoveReceiver(t.Context(), "wh_3"); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "remove an unknown receiver", w.RemoveReceiver(t.Context(), "wh_3"), model.KindNotFound)
	second.Secrets = second.Secrets[:1]
	if err := w.SaveReceiver(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := e.openIn(t, dir).Receivers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]model.Receiver{first, second}, got); diff != "" {
		t.Errorf("receivers (-want +got):\n%s", diff)
	}
}

func deliveriesAreSavedAtOnce(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	if err := w.SaveReceiver(t.Context(), receiver("wh_1")); err != nil {
		t.Fatal(err)
	}
	dead := undelivered("wh_1", "a", "c1")
	dead.DueAt, dead.DiedAt = nil, new(asOf.Add(time.Hour))
	nameless := undelivered("wh_1", "b", "")
	err := w.SaveDeliveries(t.Context(), []model.Deliveries{
		{ReceiverID: "wh_1", State: model.ReceiverActive, Cursors: map[model.Feed]model.Sequence{model.FeedTriggers: 7}, Undelivered: []model.Undelivered{undelivered("wh_1", "a", "c1"), nameless, undelivered("wh_1", "c", "c2")}},
		{ReceiverID: "wh_gone", State: model.ReceiverActive, Cursors: map[model.Feed]model.Sequence{model.FeedTriggers: 9}, Undelivered: []model.Undelivered{undelivered("wh_gone", "a", "c1")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	err = w.SaveDeliveries(t.Context(), []model.Deliveries{{
		ReceiverID: "wh_1", State: model.ReceiverDisabled, Reason: "410 Gone", LastSuccessAt: new(asOf.Add(time.Hour)), Undelivered: []model.Undelivered{dead}, Settled: []string{"c"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := receiver("wh_1")
	want.State, want.Reason, want.FailingSince, want.LastSuccessAt = model.ReceiverDisabled, "410 Gone", nil, new(asOf.Add(time.Hour))
	want.Cursors[model.FeedTriggers], want.Waiting, want.Dead = 7, 1, 1
	receivers, err := w.Receivers(t.Context())
	if diff := cmp.Diff([]model.Receiver{want}, receivers); diff != "" || err != nil {
		t.Errorf("receivers: %v (-want +got):\n%s", err, diff)
	}
	for _, c := range []struct {
		q    model.UndeliveredQuery
		want []model.Undelivered
	}{
		{model.UndeliveredQuery{}, []model.Undelivered{dead, nameless}},
		{model.UndeliveredQuery{Receiver: "wh_1", Top: 1}, []model.Undelivered{dead}},
		{model.UndeliveredQuery{Dead: true}, []model.Undelivered{dead}},
		{model.UndeliveredQuery{Waiting: true}, []model.Undelivered{nameless}},
		{model.UndeliveredQuery{EventID: "b"}, []model.Undelivered{nameless}},
		{model.UndeliveredQuery{Receiver: "wh_2"}, []model.Undelivered{}},
	} {
		got, err := w.Undelivered(t.Context(), c.q)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%+v: %v (-want +got):\n%s", c.q, err, diff)
		}
	}
	if n, err := w.ForgetUndelivered(t.Context(), asOf.Add(time.Microsecond)); n != 2 || err != nil {
		t.Errorf("forgot %d, %v", n, err)
	}
}
