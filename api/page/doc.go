// Package page is what people see at the HTTP address: the page for those who
// act on risks, and the reference of the API.
//
// The page is a handful of JavaScript modules that speak with the public REST
// API alone, and that browsers load as they are: docs/page.md beside the API's
// reference says why. Nothing of it comes from elsewhere, no script stands in a
// document, and whatever a customer wrote is text, never markup: the
// Content-Security-Policy holds a page to that which forgot it. The reference
// is made here from the OpenAPI document and needs no script.
package page
