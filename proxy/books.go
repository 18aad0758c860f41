package proxy

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"sync"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy/distribution"
)

// What may be in progress for one distribution at a time. [INV-17], [INV-18]
const (
	maxFiles     = 3000
	maxWildcards = 15
)

// Progress is an invalidation and how far it is.
type Progress struct {
	cachepolicy.Invalidation
	Distribution    string // its id
	CallerReference string
	Completed       time.Time // when the last tier has it, in cache time
}

// Status is InProgress or Completed at now; there is no other. [INV-19]
func (p Progress) Status(now time.Time) string {
	if now.Before(p.Completed) {
		return "InProgress"
	}
	return "Completed"
}

// books are all invalidations that were sent since the edge was made, in order.
// None is ever cancelled or struck off. [INV-20]
type books struct {
	mu      sync.Mutex
	entries []booked        // guarded by mu, as is what follows
	known   map[string]bool // ids of entries
}

type booked struct {
	Progress
	scope            string
	files, wildcards int
}

// open enters an invalidation, or finds the one that was sent under the same
// reference before; begun tells which. [INV-17], [INV-18], [INV-22], [INV-23]
func (k *books) open(d *distribution.Distribution, b Batch, id string, now, completed time.Time) (p Progress, begun bool, err error) {
	if err := b.check(); err != nil {
		return Progress{}, false, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range k.entries {
		old := &k.entries[i]
		if b.CallerReference == "" || old.scope != d.Domain || old.CallerReference != b.CallerReference {
			continue
		}
		if b.same(old.Items) {
			return old.Progress, false, nil
		}
		return Progress{}, false, &APIError{http.StatusBadRequest, "InvalidationBatchAlreadyExists",
			fmt.Sprintf("an invalidation with the reference %s and other paths was sent before", b.CallerReference)}
	}
	scope := d.Domain
	files, wildcards := count(b.Items)
	if err := k.quota(scope, files, wildcards, now); err != nil {
		return Progress{}, false, err
	}
	p = Progress{
		Invalidation: cachepolicy.Invalidation{ID: id, Items: slices.Clone(b.Items), Created: now},
		Distribution: d.ID, CallerReference: b.CallerReference, Completed: completed,
	}
	k.enter(booked{p, scope, files, wildcards})
	return p, true, nil
}

// enter appends an entry. Called with mu held.
func (k *books) enter(b booked) {
	if k.known == nil {
		k.known = map[string]bool{}
	}
	k.known[b.ID] = true
	k.entries = append(k.entries, b)
}

// quota refuses what is too much beside what is in progress. Files and wildcards
// are counted apart. Called with mu held.
func (k *books) quota(scope string, files, wildcards int, now time.Time) error {
	moreFiles, moreWildcards := files, wildcards
	for _, old := range slices.Backward(k.entries) {
		if old.scope == scope && now.Before(old.Completed) {
			files += old.files
			wildcards += old.wildcards
		}
	}
	what := ""
	switch {
	case moreFiles > 0 && files > maxFiles:
		what = fmt.Sprintf("%d paths would be in progress, %d may", files, maxFiles)
	case moreWildcards > 0 && wildcards > maxWildcards:
		what = fmt.Sprintf("%d wildcard paths would be in progress, %d may", wildcards, maxWildcards)
	default:
		return nil
	}
	return &APIError{http.StatusBadRequest, "TooManyInvalidationsInProgress", what + "; wait until some are completed"}
}

// Progress tells of an invalidation by its id. [INV-24]
func (e *Edge) Progress(id string) (Progress, error) {
	e.books.mu.Lock()
	defer e.books.mu.Unlock()
	for i := range e.books.entries {
		if e.books.entries[i].ID == id {
			return e.books.entries[i].Progress, nil
		}
	}
	return Progress{}, noSuchInvalidation(id)
}

func noSuchInvalidation(id string) error {
	return &APIError{http.StatusNotFound, "NoSuchInvalidation", "there is no invalidation " + id}
}

// Invalidations lists what was sent, the youngest first.
func (e *Edge) Invalidations() []Progress {
	all, _ := e.InvalidationsAfter("", math.MaxInt)
	return all
}

// InvalidationsAfter lists at most n of what was sent, the youngest first, and only what
// is older than the one with the id after; "" begins with the youngest. What is sent
// between two pages moves neither.
func (e *Edge) InvalidationsAfter(after string, n int) ([]Progress, error) {
	e.books.mu.Lock()
	defer e.books.mu.Unlock()
	older := e.books.entries
	if after != "" {
		i := slices.IndexFunc(older, func(b booked) bool { return b.ID == after })
		if i < 0 {
			return nil, noSuchInvalidation(after)
		}
		older = older[:i]
	}
	var page []Progress
	for i := len(older) - 1; i >= 0 && len(page) < n; i-- {
		page = append(page, older[i].Progress)
	}
	return page, nil
}

// Price of invalidation paths. [INV-25]
const (
	freePaths    = 1000  // a month, for all distributions of an account together
	pricePerPath = 0.005 // USD, in public price lists
)

// Bill is what the invalidations of a month cost. All distributions of an edge
// count as one account.
type Bill struct {
	Paths   int // sent; a wildcard is one, a repetition another [INV-25], [INV-32]
	Charged int // above the free ones
	USD     float64
}

// Bill is the price of the invalidations of the month, in UTC, that holds at.
func (e *Edge) Bill(at time.Time) Bill {
	year, month, _ := at.UTC().Date()
	e.books.mu.Lock()
	defer e.books.mu.Unlock()
	var b Bill
	for i := range e.books.entries {
		if y, m, _ := e.books.entries[i].Created.UTC().Date(); y == year && m == month {
			b.Paths += len(e.books.entries[i].Items)
		}
	}
	b.Charged = max(0, b.Paths-freePaths)
	b.USD = float64(b.Charged) * pricePerPath
	return b
}
