package cloudfront

import (
	"slices"
	"time"

	"staleproof/proxy"
)

// createInvalidation sends one through the whole network. [API-117], [API-320]
func (a *API) createInvalidation(c *call) (*reply, error) {
	r, err := a.distribution(c)
	if err != nil {
		return nil, err
	}
	batch, err := decode(c.body, "InvalidationBatch")
	if err != nil {
		return nil, err
	}
	b := proxy.Batch{Distribution: r.ID, CallerReference: text(batch, "CallerReference")}
	for _, path := range items(batch, "Paths") {
		b.Items = append(b.Items, path.(string))
	}
	if b.CallerReference == "" {
		return nil, refusal("InvalidArgument", "The parameter CallerReference is required.")
	}
	p, err := a.options.Network.Send(b)
	if err != nil {
		return nil, err
	}
	out := a.invalidation(p)
	out.status, out.location = 201, distributions+"/"+r.ID+"/invalidation/"+p.ID
	return out, nil
}

// getInvalidation finds one of this distribution. [API-328]
func (a *API) getInvalidation(c *call) (*reply, error) {
	r, err := a.distribution(c)
	if err != nil {
		return nil, err
	}
	p, err := a.options.Network.Progress(c.PathValue("invalidation"))
	if err != nil {
		return nil, err
	}
	if p.Distribution != r.ID {
		return nil, refusal("NoSuchInvalidation", "it is of distribution "+p.Distribution)
	}
	return a.invalidation(p), nil
}

// invalidation is one as the API shows it.
func (a *API) invalidation(p proxy.Progress) *reply {
	t := a.invalidationSummary(p)
	t["InvalidationBatch"] = tree{"Paths": list(p.Items...), "CallerReference": p.CallerReference}
	return &reply{root: "Invalidation", document: t}
}

func (a *API) invalidationSummary(p proxy.Progress) tree {
	return tree{"Id": p.ID, "Status": p.Status(a.options.Now()), "CreateTime": timestamp(p.Created)}
}

// listInvalidations has the youngest first. [API-328]
func (a *API) listInvalidations(c *call) (*reply, error) {
	r, err := a.distribution(c)
	if err != nil {
		return nil, err
	}
	all := slices.DeleteFunc(a.options.Network.Invalidations(), func(p proxy.Progress) bool { return p.Distribution != r.ID })
	return paged(c, "InvalidationList", all, func(p proxy.Progress) string { return p.ID },
		func(p proxy.Progress) any { return a.invalidationSummary(p) })
}

// inProgress is how many invalidations of a distribution are not completed.
func (a *API) inProgress(id string, now time.Time) (n int) {
	for _, p := range a.options.Network.Invalidations() {
		if p.Distribution == id && p.Status(now) == "InProgress" {
			n++
		}
	}
	return n
}

// timestamp is [API-05].
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
