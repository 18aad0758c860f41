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
// None is ever cancelled or struck off. [INV-20] What an invalidation asks them for
// does not depend on how many there are.
type books struct {
	mu sync.Mutex
	pages
}

// pages are what the books say, guarded by their lock. The zero pages say nothing.
type pages struct {
	entries []booked

	places     map[string]int       // of entries, by id
	references map[reference]string // the id of the first one under a caller reference
	orders     map[string]order     // by scope
	months     map[month]int        // paths
}

type booked struct {
	Progress
	scope string
}

// reference is a caller reference, which counts for one distribution. [INV-22]
type reference struct{ scope, words string }

// month is one in UTC.
type month struct {
	year int
	time.Month
}

func monthOf(t time.Time) month {
	year, m, _ := t.UTC().Date()
	return month{year, m}
}

// open enters an invalidation, or finds the one that was sent under the same
// reference before; begun tells which. [INV-17], [INV-18], [INV-22], [INV-23]
func (k *books) open(d *distribution.Distribution, b Batch, id string, now, completed time.Time) (p Progress, begun bool, err error) {
	if err := b.check(); err != nil {
		return Progress{}, false, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if first, ok := k.references[reference{d.Domain, b.CallerReference}]; ok {
		old := k.entries[k.places[first]].Progress
		if b.same(old.Items) {
			return old, false, nil
		}
		return Progress{}, false, &APIError{http.StatusBadRequest, "InvalidationBatchAlreadyExists",
			fmt.Sprintf("an invalidation with the reference %s and other paths was sent before", b.CallerReference)}
	}
	files, wildcards := count(b.Items)
	if err := k.orders[d.Domain].quota(files, wildcards, now); err != nil {
		return Progress{}, false, err
	}
	p = Progress{
		Invalidation: cachepolicy.Invalidation{ID: id, Items: slices.Clone(b.Items), Created: now},
		Distribution: d.ID, CallerReference: b.CallerReference, Completed: completed,
	}
	k.enter(booked{p, d.Domain})
	return p, true, nil
}

// enter appends an entry.
func (p *pages) enter(b booked) {
	if p.places == nil {
		*p = pages{places: map[string]int{}, references: map[reference]string{}, orders: map[string]order{}, months: map[month]int{}}
	}
	p.places[b.ID] = len(p.entries)
	p.entries = append(p.entries, b)
	if r := (reference{b.scope, b.CallerReference}); r.words != "" && p.references[r] == "" {
		p.references[r] = b.ID
	}
	files, wildcards := count(b.Items)
	p.orders[b.scope] = p.orders[b.scope].with(files, wildcards, b.Completed)
	p.months[monthOf(b.Created)] += len(b.Items)
}

// Progress tells of an invalidation by its id. [INV-24]
func (e *Edge) Progress(id string) (Progress, error) {
	e.books.mu.Lock()
	defer e.books.mu.Unlock()
	i, ok := e.books.places[id]
	if !ok {
		return Progress{}, noSuchInvalidation(id)
	}
	return e.books.entries[i].Progress, nil
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
		i, ok := e.books.places[after]
		if !ok {
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
	e.books.mu.Lock()
	defer e.books.mu.Unlock()
	b := Bill{Paths: e.books.months[monthOf(at)]}
	b.Charged = max(0, b.Paths-freePaths)
	b.USD = float64(b.Charged) * pricePerPath
	return b
}
