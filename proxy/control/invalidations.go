package control

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"staleproof/proxy"
)

// Invalidation is the body of POST invalidations.
type Invalidation struct {
	Distribution    string   `json:"distribution,omitempty"` // id; may be left out if there is one only
	Paths           []string `json:"paths"`
	CallerReference string   `json:"callerReference,omitempty"` // sending it again is harmless [INV-22]
	// Brief leaves the report out: then the cost does not depend on how much is
	// stored.
	Brief bool `json:"brief,omitempty"`
}

// InvalidationReport is its answer.
type InvalidationReport struct {
	ID              string     `json:"id"`
	Status          string     `json:"status"` // InProgress or Completed [INV-19]
	Created         time.Time  `json:"created"`
	CallerReference string     `json:"callerReference,omitempty"`
	Items           []ItemDone `json:"items"`
	Twins           []Twin     `json:"twins,omitempty"`
}

// ItemDone is what one path or tag covered, in all tiers together.
type ItemDone struct {
	Item    string   `json:"item"`
	Covered []string `json:"covered"` // cache keys; empty: it matched nothing that was stored; null: no report
}

// Twin is a stored response that stays usable with the bytes of a covered one.
type Twin struct {
	Key    string `json:"key"`
	SameAs string `json:"sameAs"` // the covered key
}

func (d *Door) invalidate(r *http.Request) (any, error) {
	var body Invalidation
	if err := readJSON(r, &body); err != nil {
		return nil, err
	}
	p, err := d.Network.Send(proxy.Batch{Distribution: body.Distribution, CallerReference: body.CallerReference, Items: body.Paths})
	if err != nil {
		return nil, err
	}
	if body.Brief {
		return d.told(p), nil
	}
	return d.reported(p)
}

// batch takes what the AWS command line takes. [INV-24]
func (d *Door) batch(r *http.Request) (any, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	b, err := proxy.ReadBatch(raw)
	if err != nil {
		return nil, err
	}
	b.Distribution = r.URL.Query().Get("distribution")
	p, err := d.Network.Send(b)
	if err != nil {
		return nil, err
	}
	return d.told(p), nil
}

func (d *Door) progress(r *http.Request) (any, error) {
	p, err := d.Network.Progress(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return d.reported(p)
}

// list is a page of what was sent, the youngest first. Whoever names no page has the
// youngest defaultPage of them.
func (d *Door) list(r *http.Request) (any, error) {
	q := r.URL.Query()
	limit, err := readLimit(q)
	if err != nil {
		return nil, err
	}
	page, err := d.Network.InvalidationsAfter(q.Get("after"), limit)
	if err != nil {
		return nil, fmt.Errorf("after: %v", err) // no 404: the list is there
	}
	out := []InvalidationReport{}
	for _, p := range page {
		out = append(out, d.told(p))
	}
	return out, nil
}

func (d *Door) bill(r *http.Request) (any, error) {
	at := d.Clock.Now()
	if month := r.URL.Query().Get("month"); month != "" {
		var err error
		if at, err = time.Parse("2006-01", month); err != nil {
			return nil, errors.New("month: write 2026-11")
		}
	}
	b := d.Network.Bill(at)
	return struct {
		Paths   int     `json:"paths"`
		Charged int     `json:"charged"`
		USD     float64 `json:"usd"`
	}(b), nil
}

// told is an invalidation without report.
func (d *Door) told(p proxy.Progress) InvalidationReport {
	out := InvalidationReport{
		ID: p.ID, Status: p.Status(d.Clock.Now()), Created: p.Created.UTC(), CallerReference: p.CallerReference, Items: []ItemDone{},
	}
	for _, item := range p.Items {
		out.Items = append(out.Items, ItemDone{Item: item})
	}
	return out
}

// reported is an invalidation with what it covers in all tiers.
func (d *Door) reported(p proxy.Progress) (any, error) {
	out := d.told(p)
	reports, err := d.Network.Reports(p.ID)
	if err != nil {
		return nil, err
	}
	for i := range out.Items {
		covered := []string{}
		for _, rep := range reports {
			covered = append(covered, rep.Items[i].Covered...)
		}
		slices.Sort(covered)
		out.Items[i].Covered = slices.Compact(covered)
	}
	for _, rep := range reports {
		for _, t := range rep.Twins {
			if twin := Twin(t); !slices.Contains(out.Twins, twin) {
				out.Twins = append(out.Twins, twin)
			}
		}
	}
	return out, nil
}
