"""The words that the fictional company is made of. Names are combined by chance; nobody is meant."""

COMPANY = "Aurora Labs"
DOMAIN = "auroralabs.example"

GIVEN_NAMES = (
    "Ada", "Amir", "Anouk", "Astrid", "Bao", "Beatriz", "Bram", "Camille", "Chidi", "Clara", "Dario", "Dilan",
    "Edda", "Elif", "Emeka", "Enzo", "Esther", "Farid", "Fatou", "Freya", "Giulia", "Hana", "Henrik", "Ines",
    "Ivan", "Jana", "Jonas", "Kaito", "Karim", "Kwame", "Lena", "Leonor", "Lina", "Luca", "Maja", "Marek",
    "Mateo", "Mei", "Milan", "Mina", "Nadia", "Nils", "Noor", "Olga", "Omar", "Petra", "Priya", "Rafael",
    "Rosa", "Sasha", "Selin", "Signe", "Tariq", "Teresa", "Tomas", "Uma", "Viktor", "Wanda", "Yara", "Zoe",
)  # fmt: skip
FAMILY_NAMES = (
    "Aalto", "Abara", "Acar", "Almeida", "Andersen", "Bakker", "Balogun", "Berg", "Bianchi", "Castro", "Cohen", "Dahl",
    "Demir", "Diallo", "Dubois", "Eriksen", "Farkas", "Fischer", "Garcia", "Haddad", "Hansen",
    "Horvat", "Ito", "Jansen",
    "Kaya", "Kim", "Kovac", "Kumar", "Larsen", "Lindqvist", "Maas", "Mensah", "Moreau", "Nagy", "Navarro", "Novak",
    "Nwosu", "Okafor", "Olsen", "Patel", "Pereira", "Popov", "Quist", "Rossi", "Sato", "Schmidt", "Silva", "Singh",
    "Sorensen", "Tanaka", "Toth", "Urban", "Vance", "Virtanen", "Weber", "Winter", "Yilmaz", "Young", "Zeman", "Zhou",
)  # fmt: skip

TITLES_BY_DEPARTMENT = {
    "Engineering": ("Software Engineer", "Senior Software Engineer", "Test Engineer", "Engineering Manager"),
    "Documentation": ("Technical Writer", "Senior Technical Writer", "Documentation Manager"),
    "Support": ("Support Engineer", "Support Analyst", "Support Manager"),
    "Sales": ("Account Executive", "Sales Engineer", "Sales Manager"),
    "Customer Success": ("Customer Success Manager", "Onboarding Specialist"),
    "Marketing": ("Content Marketer", "Product Marketer"),
    "Operations": ("Office Manager", "Controller", "Recruiter", "IT Administrator"),
}
DEPARTMENT_WEIGHTS = (30, 10, 20, 16, 10, 6, 8)

PROJECT_SUBJECTS = (
    "Customer", "Support", "Release", "Onboarding", "Pricing", "Partner", "Security", "Quality", "Market", "Training",
)  # fmt: skip
PROJECT_KINDS = ("Insights", "Handbook", "Review", "Roadmap", "Automation", "Archive", "Playbook", "Council")
GOAL_VERBS = ("Collect", "Summarise", "Answer", "Prepare")

PRODUCTS = ("Aurora Server", "Aurora Desktop", "Aurora Mobile", "Aurora Connect", "Aurora Sensor")
GUIDES = (
    "Installation Guide", "Administration Guide", "User Guide", "API Reference", "Release Notes", "Security Guide",
    "Troubleshooting Guide", "Migration Guide", "Quick Start", "Hardware Manual",
)  # fmt: skip
VERSIONS = ("4.0", "4.1", "4.2", "5.0")

SEARCH_ACTIONS = (
    "install", "upgrade", "configure", "export", "connect", "reset", "license", "back up", "monitor", "disable",
)  # fmt: skip
SEARCH_SUBJECTS = (
    "", " password", " single sign-on", " proxy", " database", " certificate", " sensor",
    " report", " webhook", " API",
)  # fmt: skip
