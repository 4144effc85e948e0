"""The AWS resources around the application: templates, their parameters, policies and costs."""
