package cloudfront

import (
	"fmt"
	"net/http"
	"slices"
)

// distribution finds the one that a path names.
func (a *API) distribution(c *call) (*record, error) {
	r := a.shelf[distributions][c.PathValue("id")]
	if r == nil {
		return nil, refusal("NoSuchDistribution", "there is no distribution "+shortened(c.PathValue("id")))
	}
	return r, nil
}

// createDistribution is CreateDistribution, and with ?WithTags
// CreateDistributionWithTags. [API-100], [API-101]
func (a *API) createDistribution(c *call) (*reply, error) {
	root := "DistributionConfig"
	if c.URL.Query().Has("WithTags") { // it arrives without = [API-07]
		root = "DistributionConfigWithTags"
	}
	document, err := decode(c.body, root)
	if err != nil {
		return nil, err
	}
	r := &record{ID: a.id(), Domain: a.domain(), Config: document}
	if root != "DistributionConfig" {
		r.Config, r.Tags = sub(document, "DistributionConfig"), map[string]string{}
		if err := addTags(r.Tags, sub(document, "Tags")); err != nil {
			return nil, err
		}
	}
	return a.created(r)
}

// created puts a new distribution on the shelf, and answers with it.
func (a *API) created(r *record) (*reply, error) {
	if err := a.free(text(r.Config, "CallerReference")); err != nil {
		return nil, err
	}
	if err := a.settle(r, nil); err != nil {
		return nil, err
	}
	out := a.shown(r)
	out.status, out.location = http.StatusCreated, distributions+"/"+r.ID
	return out, nil
}

// free refuses a caller reference that was used before, whatever for. [API-33],
// [API-50]
func (a *API) free(reference string) error {
	for _, old := range a.shelf.sorted(distributions) {
		if text(old.Config, "CallerReference") == reference {
			return &Failure{Code: "DistributionAlreadyExists", Message: "The caller reference that you are using to create a distribution " +
				"is associated with another distribution. Already exists: " + old.ID}
		}
	}
	return nil
}

func (a *API) getDistribution(c *call) (*reply, error) {
	r, err := a.distribution(c)
	if err != nil {
		return nil, err
	}
	return a.shown(r), nil
}

func (a *API) getDistributionConfig(c *call) (*reply, error) {
	r, err := a.distribution(c)
	if err != nil {
		return nil, err
	}
	return &reply{root: "DistributionConfig", document: r.Config, etag: r.ETag}, nil
}

// updateDistribution replaces the whole configuration. [API-42], [API-104]
func (a *API) updateDistribution(c *call) (*reply, error) {
	old, err := a.distribution(c)
	if err != nil {
		return nil, err
	}
	config, err := decode(c.body, "DistributionConfig")
	if err != nil {
		return nil, err
	}
	if err := matched(c.Header, old.ETag); err != nil {
		return nil, err
	}
	if err := whole(config); err != nil {
		return nil, err
	}
	if text(config, "CallerReference") != text(old.Config, "CallerReference") { // [API-265]
		return nil, told("IllegalUpdate", "The caller reference of a distribution cannot be changed.")
	}
	r := &record{ID: old.ID, Domain: old.Domain, Tags: old.Tags, Config: config}
	if err := a.settle(r, old); err != nil {
		return nil, err
	}
	return a.shown(r), nil
}

// deleteDistribution wants it disabled, and the disabled state deployed. [API-105],
// [API-263]
func (a *API) deleteDistribution(c *call) (*reply, error) {
	r, err := a.distribution(c)
	if err != nil {
		return nil, err
	}
	if err := matched(c.Header, r.ETag); err != nil {
		return nil, err
	}
	if flag(r.Config, "Enabled") || a.status(r) != "Deployed" {
		return nil, refusal("DistributionNotDisabled", "it is enabled, or being deployed")
	}
	gone := a.read[r.ID]
	delete(a.read, r.ID)
	if err := a.serveAll(); err != nil {
		a.read[r.ID] = gone
		return nil, err
	}
	if err := a.drop(distributions, r.ID); err != nil {
		a.read[r.ID] = gone
		return nil, unlasting(err, a.serveAll())
	}
	return &reply{status: http.StatusNoContent}, nil
}

// copyDistribution makes a staging distribution of one, without its aliases.
// [API-107], [API-202]
func (a *API) copyDistribution(c *call) (*reply, error) {
	old, err := a.distribution(c)
	if err != nil {
		return nil, err
	}
	request, err := decode(c.body, "CopyDistributionRequest")
	if err != nil {
		return nil, err
	}
	if err := matched(c.Header, old.ETag); err != nil {
		return nil, err
	}
	if c.Header.Get("Staging") != "true" {
		return nil, refusal("InvalidArgument", "The parameter Staging must be true.")
	}
	config := copied(old.Config)
	config["CallerReference"] = text(request, "CallerReference")
	config["Enabled"] = flag(request, "Enabled")
	config["Staging"] = true
	config["Aliases"] = list[string]()
	return a.created(&record{ID: a.id(), Domain: a.domain(), Config: config})
}

func (a *API) listDistributions(c *call) (*reply, error) {
	return a.listed(c, a.shelf.sorted(distributions))
}

func (a *API) listed(c *call, all []*record) (*reply, error) {
	return paged(c, "DistributionList", all, recordID, func(r *record) any { return a.summary(r) })
}

// listByWebACL has those without one under the name null. [API-115]
func (a *API) listByWebACL(c *call) (*reply, error) {
	id := c.PathValue("id")
	if id == "null" {
		id = ""
	}
	return a.listed(c, slices.DeleteFunc(a.shelf.sorted(distributions), func(r *record) bool { return text(r.Config, "WebACLId") != id }))
}

// listUsing is a list of the ids of the distributions that refer to a policy.
// [API-111] to [API-113]
func listUsing(member, collection string) func(*API, *call) (*reply, error) {
	return func(a *API, c *call) (*reply, error) {
		i := slices.IndexFunc(kinds, func(k *kind) bool { return k.collection == collection })
		if _, err := kinds[i].find(a, c); err != nil {
			return nil, err
		}
		return paged(c, "DistributionIdList", a.users(kinds[i], c.PathValue("id")), recordID, func(r *record) any { return r.ID })
	}
}

// users are the distributions that refer to a resource.
func (a *API) users(k *kind, id string) []*record {
	return slices.DeleteFunc(a.shelf.sorted(distributions), func(r *record) bool { return !k.uses(r.Config, id) })
}

// status is Deployed once the last change is as old as Options.DeployDelay.
// [API-261]
func (a *API) status(r *record) string {
	if a.options.Now().Before(r.Modified.Add(a.options.DeployDelay)) {
		return "InProgress"
	}
	return "Deployed"
}

// shown is a distribution as the API shows it. [API-260]
func (a *API) shown(r *record) *reply {
	t := tree{
		"Id": r.ID, "ARN": arn(r), "Status": a.status(r), "LastModifiedTime": timestamp(r.Modified), "DomainName": r.Domain,
		"InProgressInvalidationBatches": number(a.inProgress(r.ID, a.options.Now())), "DistributionConfig": r.Config,
	}
	fill(t, &shape{members: shapeOf("Distribution").members[:8]}) // who signs; the configuration is filled
	if aliases := items(r.Config, "Aliases"); len(aliases) > 0 {
		var all []any
		for _, alias := range aliases {
			all = append(all, tree{"CNAME": alias, "ICPRecordalStatus": "APPROVED"})
		}
		t["AliasICPRecordals"] = all
	}
	return &reply{root: "Distribution", document: t, etag: r.ETag}
}

func arn(r *record) string {
	return fmt.Sprintf("arn:aws:cloudfront::%s:distribution/%s", account, r.ID)
}

// summary is a distribution in a list, with its ETag. [API-212]
func (a *API) summary(r *record) tree {
	t := tree{
		"Id": r.ID, "ARN": arn(r), "ETag": r.ETag, "Status": a.status(r), "LastModifiedTime": timestamp(r.Modified), "DomainName": r.Domain,
	}
	for _, m := range shapeOf("DistributionSummary").members {
		if v, ok := r.Config[m.name]; ok {
			t[m.name] = v
		}
	}
	return t
}

// getMonitoring: there is no monitoring subscription. [API-190]
func (a *API) getMonitoring(c *call) (*reply, error) {
	if _, err := a.distribution(c); err != nil {
		return nil, err
	}
	return nil, refusal("NoSuchMonitoringSubscription", "")
}
