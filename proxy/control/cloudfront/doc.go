// Package cloudfront speaks CloudFront's own API, 2020-05-31, REST and XML, so that
// the unmodified AWS command line, SDKs and Terraform create, change and invalidate
// what an edge serves.
//
// It keeps resources and decides nothing about them: a configuration is brought
// into the JSON of the AWS command line, read by package distribution, and what is
// refused there is refused here under AWS's name. What was sent is given back as it
// was sent, with what was left out filled in as CloudFront fills it.
//
// It is larger than other packages because more than a quarter of it are tables: the
// documents and the operations of the API, in its words.
//
// Requests are not authenticated: signatures are not looked at. [API-15]
package cloudfront
