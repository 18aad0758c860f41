package control

import "net/http"

func (d *Door) origins(*http.Request) (any, error) { return d.Network.OriginRequests(), nil }

func (d *Door) counts(*http.Request) (any, error) { return d.Network.Counts(), nil }
