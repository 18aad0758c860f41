package control

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"staleproof/proxy/fault"
)

var errNoFaults = errors.New("this edge was made without faults")

// Deleted is the answer of the calls that delete faults.
type Deleted struct {
	Deleted int `json:"deleted"`
}

func (d *Door) faults(*http.Request) (any, error) {
	if d.Faults == nil {
		return []fault.State{}, nil
	}
	return d.Faults.List(), nil
}

func (d *Door) addFault(r *http.Request) (any, error) {
	if d.Faults == nil {
		return nil, errNoFaults
	}
	var body struct {
		fault.Fault
		Toxicity *float64 `json:"toxicity"` // to tell 0 from the default
	}
	if err := readJSON(r, &body); err != nil {
		return nil, err
	}
	body.Fault.Toxicity = 1
	if body.Toxicity != nil {
		if *body.Toxicity == 0 {
			return nil, errors.New("toxicity: 0 would strike no request; delete the fault instead, or say up to 1")
		}
		body.Fault.Toxicity = *body.Toxicity
	}
	if err := d.known(&body.Fault); err != nil {
		return nil, err
	}
	added, err := d.Faults.Add(body.Fault)
	if errors.Is(err, fault.ErrTaken) || errors.Is(err, fault.ErrTooMany) {
		return nil, refusal{http.StatusConflict, err}
	}
	return added, err
}

// known says that a fault names what is not served.
func (d *Door) known(f *fault.Fault) error {
	var distributions, origins []string
	for _, served := range d.Network.Distributions() {
		distributions = append(distributions, served.ID)
		for i := range served.Origins {
			if f.Distribution == "" || f.Distribution == served.ID {
				origins = append(origins, served.Origins[i].ID)
			}
		}
	}
	switch {
	case f.Distribution != "" && !slices.Contains(distributions, f.Distribution):
		return fmt.Errorf("distribution: there is no %s, only: %s", f.Distribution, strings.Join(distributions, ", "))
	case f.Origin != "" && !slices.Contains(origins, f.Origin):
		return fmt.Errorf("origin: there is no %s, only: %s", f.Origin, strings.Join(origins, ", "))
	}
	return nil
}

func (d *Door) clearFaults(*http.Request) (any, error) {
	if d.Faults == nil {
		return Deleted{}, nil
	}
	return Deleted{d.Faults.Clear()}, nil
}

func (d *Door) deleteFault(r *http.Request) (any, error) {
	name := r.PathValue("name")
	if d.Faults == nil || !d.Faults.Delete(name) {
		return nil, refusal{http.StatusNotFound, fmt.Errorf("there is no fault %s", name)}
	}
	return Deleted{1}, nil
}
