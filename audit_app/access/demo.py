"""The accounts of the demonstration, offered on the sign-in page under `AUDIT_DEMO=1` only."""

PASSWORD = "mingcha-demo"

# sign-in name, what the person does (message id)
DEMO_ACCOUNTS: tuple[tuple[str, str], ...] = (
    ("tester", "Service experience tester"),
    ("chief-tester", "Chief tester"),
    ("inspector", "Inspector"),
    ("county-supervisor", "County supervisor"),
    ("city-supervisor", "City supervisor"),
    ("province-supervisor", "Province supervisor"),
    ("reviewer", "Reviewer"),
    ("reviewer-second", "Reviewer, second opinion"),
    ("panel-city", "Appeal panel of the city"),
    ("panel-city-second", "Appeal panel of the city, second member"),
    ("panel-province", "Appeal panel of the province"),
    ("panel-province-second", "Appeal panel of the province, second member"),
    ("outlet-manager", "Outlet manager"),
    ("team-lead", "Team lead"),
    ("staff", "Staff member"),
    ("hr", "HR"),
    ("hr-second", "HR, second signature"),
    ("auditor", "Auditor"),
    ("programme-office", "Programme office"),
    ("programme-office-second", "Programme office, second person"),
    ("admin", "Administrator"),
)
