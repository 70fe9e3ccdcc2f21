package api

import (
	"context"
	"sync"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

const (
	// largestKept bounds the encoded size of the scores that are kept.
	largestKept = 64 << 20
	// mostAnew is how many scores are read anew beside one that is asked for.
	mostAnew = 500
)

// keptScores answers GetScore and keeps the answers as long as they hold: tools
// ask for the same customers all day, while scores change once.
//
// What is not kept is read in turns: those who ask during a read are answered by
// the next one, all together, with some of whom was asked before and is out of
// date. So a newly published snapshot costs a few reads and not one for each
// customer, and nobody waits for more than two.
type keptScores struct {
	scores Scores
	// turn holds a token while a read runs.
	turn chan struct{}

	mu      sync.RWMutex
	size    int
	by      map[string]*keptScore
	of      map[*churnwatchv1.Score]*keptScore
	waiting *scoreRead
}

// keptScore is an answer. It is shared between calls: nobody changes it.
type keptScore struct {
	message *churnwatchv1.Score
	// shown is what Scores.Shown said before it was read.
	shown uint64
	// json writes it, once somebody asks by REST.
	json func() []byte
}

// scoreRead is a read that some wait for.
type scoreRead struct {
	customers map[string]bool
	done      chan struct{}
	// found and err are set when done is closed; cut says that it ended with the
	// call of the one who read.
	found map[string]*churnwatchv1.Score
	err   error
	cut   bool
}

func newKeptScores(scores Scores) *keptScores {
	k := &keptScores{scores: scores, turn: make(chan struct{}, 1)}
	k.forget()
	return k
}

func (k *keptScores) forget() {
	k.size, k.by, k.of = 0, map[string]*keptScore{}, map[*churnwatchv1.Score]*keptScore{}
}

// get returns one customer's score.
func (k *keptScores) get(ctx context.Context, customer string) (*churnwatchv1.Score, error) {
	shown := k.scores.Shown(customer)
	k.mu.RLock()
	kept := k.by[customer]
	k.mu.RUnlock()
	if kept != nil && kept.shown == shown {
		return kept.message, nil
	}
	for {
		read := k.join(customer)
		select {
		case <-read.done:
		case k.turn <- struct{}{}:
			k.run(ctx, read)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		switch found := read.found[customer]; {
		case read.cut && ctx.Err() == nil: // Whoever read has gone, not this call.
		case read.err != nil:
			return nil, read.err
		case found != nil:
			return found, nil
		default:
			return nil, model.Errorf(model.KindNotFound, "the current scores hold no such customer")
		}
	}
}

// join adds a customer to the read that comes next.
func (k *keptScores) join(customer string) *scoreRead {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.waiting == nil {
		k.waiting = &scoreRead{customers: map[string]bool{}, done: make(chan struct{})}
	}
	k.waiting.customers[customer] = true
	return k.waiting
}

// run reads, unless somebody has done so in between, and ends the turn.
func (k *keptScores) run(ctx context.Context, read *scoreRead) {
	defer func() { <-k.turn }()
	k.mu.Lock()
	if k.waiting != read {
		k.mu.Unlock()
		<-read.done // It was read in the turn before.
		return
	}
	k.waiting = nil
	k.outOfDate(read.customers)
	k.mu.Unlock()
	read.err = model.Errorf(model.KindInternal, "the read was not ended") // It stays where a panic ends it.
	defer close(read.done)
	read.found, read.err = k.read(ctx, read.customers)
	read.cut = read.err != nil && ctx.Err() != nil
}

// outOfDate adds customers of whom something is kept that holds no longer.
func (k *keptScores) outOfDate(customers map[string]bool) {
	looked := 0
	for customer, kept := range k.by {
		if looked++; looked > mostAnew {
			return
		}
		if kept.shown != k.scores.Shown(customer) {
			customers[customer] = true
		}
	}
}

// read reads scores and keeps them.
func (k *keptScores) read(ctx context.Context, customers map[string]bool) (map[string]*churnwatchv1.Score, error) {
	shown := make(map[string]uint64, len(customers))
	query := model.ScoreQuery{Reasons: -1}
	for customer := range customers {
		shown[customer] = k.scores.Shown(customer)
		query.Customers = append(query.Customers, customer)
	}
	scores, err := k.scoresOf(ctx, query)
	if err != nil {
		return nil, err
	}
	found := make(map[string]*churnwatchv1.Score, len(scores))
	for _, score := range scores {
		if found[score.CustomerID], err = scoreOut(score); err != nil {
			return nil, err
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for customer := range customers {
		k.replace(customer, shown[customer], found[customer])
	}
	return found, nil
}

// scoresOf reads scores, of one customer by the shorter way.
func (k *keptScores) scoresOf(ctx context.Context, query model.ScoreQuery) ([]model.Score, error) {
	if len(query.Customers) > 1 {
		return k.scores.Scores(ctx, query)
	}
	score, err := k.scores.ScoreOf(ctx, query.Customers[0])
	if model.KindOf(err) == model.KindNotFound {
		return nil, nil
	}
	return []model.Score{score}, err
}

// replace keeps a message, nil for nobody, in place of what was kept.
func (k *keptScores) replace(customer string, shown uint64, message *churnwatchv1.Score) {
	if old := k.by[customer]; old != nil {
		k.size -= proto.Size(old.message)
		delete(k.by, customer)
		delete(k.of, old.message)
	}
	if message == nil {
		return
	}
	size := proto.Size(message)
	if k.size+size > largestKept {
		k.forget()
	}
	kept := &keptScore{message: message, shown: shown, json: sync.OnceValue(func() []byte {
		text, err := protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true}.Marshal(message)
		if err != nil {
			return nil // It is written again for each answer, which says why it fails.
		}
		return text
	})}
	k.size, k.by[customer], k.of[message] = k.size+size, kept, kept
}

// textOf returns the JSON of an answer, nil for one that is not kept.
func (k *keptScores) textOf(message *churnwatchv1.Score) []byte {
	k.mu.RLock()
	kept := k.of[message]
	k.mu.RUnlock()
	if kept == nil {
		return nil
	}
	return kept.json()
}
